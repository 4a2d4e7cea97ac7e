/**
 * A letter in plain words, of which both forms of a mail are made, so that they cannot say different things. The first part
 * that is an action is what the mail is for.
 */
export interface Letter {
  subject: string;
  /** Paragraphs in their order; an action is a link that is a button in HTML. */
  parts: readonly (string | Action)[];
}

export interface Action {
  label: string;
  /** A whole address, http(s). */
  url: string;
}

/** Both forms of a mail. */
export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

const signature = "Energy Tracking";

/** An address that a mail may lead to. @throws when it is not http or https: a mistake of ours, never of the reader. */
function checkedUrl(url: string): string {
  if (!/^https?:\/\//.test(url)) throw new Error(`a mail cannot lead to ${url}`);
  return url;
}

/** A subject is one line: what a person typed into it must not begin another header. */
const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character]!);

export function renderMail({ subject, parts }: Letter): RenderedMail {
  return { subject: oneLine(subject), text: renderText(parts), html: renderHtml(oneLine(subject), parts) };
}

function renderText(parts: Letter["parts"]): string {
  const paragraphs = parts.map((part) => (typeof part === "string" ? part : `${part.label}:\n${checkedUrl(part.url)}`));
  return `${[...paragraphs, `-- \n${signature}`].join("\n\n")}\n`;
}

const paragraph = "margin:0 0 16px;font-size:16px;line-height:1.5;color:#0f172a";
const button =
  "display:inline-block;padding:12px 20px;border-radius:8px;background:#047857;color:#ffffff;font-size:16px;text-decoration:none";

function renderHtml(subject: string, parts: Letter["parts"]): string {
  const body = parts.map((part) => (typeof part === "string" ? textHtml(part) : actionHtml(part)));
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px 16px;background:#f1f5f9;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:32px;border-radius:16px;background:#ffffff">
${body.join("\n")}
<p style="margin:24px 0 0;font-size:14px;color:#475569">${signature}</p>
</div>
</body>
</html>
`;
}

const textHtml = (text: string) => `<p style="${paragraph}">${escapeHtml(text).replaceAll("\n", "<br>")}</p>`;

/** The address is there to read as well: not every reader shows buttons, and a person may want to see where they go. */
function actionHtml({ label, url }: Action): string {
  const href = escapeHtml(checkedUrl(url));
  return `<p style="margin:0 0 8px"><a href="${href}" style="${button}">${escapeHtml(label)}</a></p>
<p style="margin:0 0 16px;font-size:13px;color:#475569;word-break:break-all">${href}</p>`;
}
