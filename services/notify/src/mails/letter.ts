import { type Html, html } from './html.ts';
import type { Mail } from './mail.ts';

export interface Letter {
  subject: string;
  /** Paragraphs; `plain` names only. */
  paragraphs: string[];
  /** What to do about it, as a link. */
  link?: { text: string; url: string };
  /** Why the reader gets it. */
  footer: string;
}

const STYLE = {
  body: 'margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif',
  page: 'max-width:32em;margin:0 auto',
  button:
    'display:inline-block;padding:12px 20px;border-radius:8px;background:#1d4ed8;color:#fff;text-decoration:none',
  footer: 'margin-top:32px;font-size:13px;color:#6b7280',
};

/** Both forms of a mail. */
export function write({ subject, paragraphs, link, footer }: Letter): Mail {
  const lines = [...paragraphs, ...(link === undefined ? [] : [`${link.text}: ${link.url}`])];
  return {
    subject,
    text: `${[...lines, `-- \n${footer}`].join('\n\n')}\n`,
    html: String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${subject}</title>
</head>
<body style="${STYLE.body}">
<div style="${STYLE.page}">
${join(paragraphs.map((text) => html`<p>${text}</p>`))}
${link === undefined ? '' : html`<p><a href="${link.url}" style="${STYLE.button}">${link.text}</a></p>`}
<p style="${STYLE.footer}">${footer}</p>
</div>
</body>
</html>
`),
  };
}

const join = (parts: Html[]): Html => parts.reduce((all, part) => html`${all}${part}\n`, html``);
