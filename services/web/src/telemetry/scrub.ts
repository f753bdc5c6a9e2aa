/** Takes out of a text what may say who somebody is, or lets somebody in: addresses of pages keep their path only. */
export function scrub(text: string): string {
  return text
    .replace(/\b([a-z]{2,8}:\/\/[^\s"'<>?#)]*)[?#][^\s"'<>)]*/gi, '$1')
    .replace(/[^\s"'<>()@]{1,64}@[^\s"'<>()@]{1,255}\.[a-z]{2,24}/gi, '[address]')
    .replace(/\b[\w-]{12,}\.[\w-]{12,}\.[\w-]{12,}\b/g, '[token]');
}
