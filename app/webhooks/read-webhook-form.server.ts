import type { z } from "zod";
import { newWebhook } from "../api/webhooks.server.ts";

/** What the form of a webhook says, as the API would be sent it, and what is wrong with it. */
export interface WebhookValues {
  name: string;
  url: string;
  events: string[];
}
export type WebhookErrors = Partial<Record<keyof WebhookValues, string>>;

type Read =
  { ok: true; webhook: z.output<typeof newWebhook> } | { ok: false; values: WebhookValues; errors: WebhookErrors };

export function readWebhookForm(form: FormData): Read {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const values = { name: text("name"), url: text("url"), events: form.getAll("events").map(String) };
  const read = newWebhook.safeParse(values);
  if (read.success) return { ok: true, webhook: read.data };
  const errors: WebhookErrors = {};
  for (const { path, message } of read.error.issues) {
    const field = path[0] as keyof WebhookValues;
    // Of an address the reason is said as it is: "Expected a host's full name …"
    errors[field] ??= sentences[field] ?? `${message[0]?.toUpperCase()}${message.slice(1)}.`;
  }
  return { ok: false, values, errors };
}

const sentences: Partial<Record<keyof WebhookValues, string>> = {
  name: "Give it a name of 1 to 100 characters.",
  events: "Choose what it is told.",
};
