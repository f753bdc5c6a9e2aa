/** What somebody reads; the same in both forms. */
export interface Mail {
  subject: string;
  text: string;
  html: string;
}
