import type { SecurityEvent } from "../../domain/mail/templates/security-notice.ts";
import type { Mail } from "../../domain/mail/templates.ts";
import { publicUrl, type Environment } from "../../platform/env.ts";

/** After these, the address no longer gives a way back in. */
const isTooLate = (event: SecurityEvent) => event === "email-changed" || event === "account-deleted";

/** Tells the owner of an account what happened to it, and how to take it back if it was not them. */
export function noticeTo(email: string, event: SecurityEvent, env: Environment): Mail {
  const at = `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const resetUrl = isTooLate(event) ? null : `${publicUrl(env)}/forgot-password`;
  return { to: email, template: "security-notice", data: { event, at, resetUrl } };
}
