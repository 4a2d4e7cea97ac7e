import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderMail } from "./letter.ts";
import { letterOf, render, templates, type TemplateData, type TemplateName } from "./templates.ts";

const url = "https://energy.test/x?token=a&b=c";

/** One of each, so that a new template without an example here fails. */
const examples: { [T in TemplateName]: TemplateData<T> } = {
  "account-exists": { loginUrl: url, resetUrl: url },
  "confirm-new-email": { url, hours: 24 },
  invitation: { organization: "Mill Lane 4", inviter: "Anna", role: "viewer", url, days: 7 },
  "membership-changed": { organization: "Mill Lane 4", role: "operator", sites: 2, url },
  "quota-warning": { organization: "Mill Lane 4", quota: "readings", used: 16, most: 20, usageUrl: url },
  "reset-password": { url, minutes: 60 },
  "security-notice": { event: "password-changed", at: "2026-03-01 10:00 UTC", resetUrl: url },
  "verify-email": { url, hours: 24 },
  "webhook-off": { webhook: "Home Assistant", organization: "Mill Lane 4", reason: "failing", url },
};

describe.each(Object.keys(templates) as TemplateName[])("%s", (name) => {
  test("says the same as text and as HTML", () => {
    const { subject, text, html } = render(name, examples[name]);
    expect(subject).toMatch(/^[A-Z].{5,70}$/);
    expect(text).toContain(`:\n${url}\n`);
    expect(html).toContain('href="https://energy.test/x?token=a&amp;b=c"');
    for (const part of letterOf(name, examples[name]).parts) {
      const words = typeof part === "string" ? part : part.label;
      expect(text).toContain(words);
      expect(html).toContain(words);
    }
  });

  test("is not written from wrong data", () => {
    expect(() => render(name, {})).toThrow();
  });
});

test("what people typed is text in HTML, and never ends the subject's line", () => {
  const tags = (html: string) => html.match(/<[^>]*>/g)!.filter((tag) => tag !== "<br>");
  const plain = tags(renderMail({ subject: "x", parts: ["x"] }).html);
  fc.assert(
    fc.property(fc.string(), (typed) => {
      const { subject, html } = renderMail({ subject: `Hello ${typed}`, parts: [`<b>${typed}</b>`] });
      expect(subject).not.toMatch(/[\r\n]/);
      expect(tags(html)).toEqual(plain);
    }),
    { examples: [["\r\nBcc: everybody@example.org"], ["<script>alert(1)</script>"], ['"><img src=x>']] },
  );
});

test("a mail leads to web addresses only", () => {
  expect(() => renderMail({ subject: "x", parts: [{ label: "x", url: "javascript:alert(1)" }] })).toThrow(/lead/);
});
