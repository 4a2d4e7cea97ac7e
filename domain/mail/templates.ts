import type { z } from "zod";
import { renderMail, type Letter, type RenderedMail } from "./letter.ts";
import { accountExists } from "./templates/account-exists.ts";
import { confirmNewEmail } from "./templates/confirm-new-email.ts";
import { invitation } from "./templates/invitation.ts";
import { membershipChanged } from "./templates/membership-changed.ts";
import { quotaWarning } from "./templates/quota-warning.ts";
import { resetPassword } from "./templates/reset-password.ts";
import { securityNotice } from "./templates/security-notice.ts";
import { verifyEmail } from "./templates/verify-email.ts";
import { webhookOff } from "./templates/webhook-off.ts";

/** Every kind of mail, by the name that it has in the queue. A new one is a file in templates/ and a line here. */
export const templates = {
  "account-exists": accountExists,
  "confirm-new-email": confirmNewEmail,
  invitation,
  "membership-changed": membershipChanged,
  "quota-warning": quotaWarning,
  "reset-password": resetPassword,
  "security-notice": securityNotice,
  "verify-email": verifyEmail,
  "webhook-off": webhookOff,
} as const;

export type TemplateName = keyof typeof templates;
export type TemplateData<T extends TemplateName> = z.infer<(typeof templates)[T]["data"]>;

/** A mail to be sent: to whom, of which kind, and what that kind must be told. */
export type Mail = {
  [T in TemplateName]: { to: string; template: T; data: TemplateData<T> };
}[TemplateName];

export const isTemplateName = (name: string): name is TemplateName => name in templates;

/** What the mail says. @throws ZodError when the data are not what the template asks for. */
export function letterOf(name: TemplateName, data: unknown): Letter {
  const { data: schema, write } = templates[name];
  // Schema and writer belong to each other; that they are of one template is lost on the type of a union.
  return (write as (data: unknown) => Letter)(schema.parse(data));
}

export const render = (name: TemplateName, data: unknown): RenderedMail => renderMail(letterOf(name, data));
