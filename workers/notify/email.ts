import { Resend } from "resend";
import type { RenderedMail } from "../../domain/mail/letter.ts";
import { publicUrl, type Environment } from "../../platform/env.ts";

/** What came of a message: delivered, kept in the outbox because no provider is set, or refused for good. */
export type Outcome =
  { kind: "delivered"; providerId: string } | { kind: "kept" } | { kind: "refused"; reason: string };

export interface OutgoingEmail extends RenderedMail {
  /** Two tries with the same id are one mail to the provider. */
  id: string;
  to: string;
}

/** MAIL_FROM, or an address at the host that people open. */
const sender = (env: Environment) =>
  env.MAIL_FROM ?? `Energy Tracking <energy-tracking@${new URL(publicUrl(env)).hostname}>`;

/**
 * Sends through Resend.
 * @throws Error when it may work later: no connection, too much at once, a key or sender that the operator can mend.
 */
export async function sendEmail({ id, to, subject, text, html }: OutgoingEmail, env: Environment): Promise<Outcome> {
  if (!env.RESEND_API_KEY) return { kind: "kept" };
  const resend = new Resend(env.RESEND_API_KEY, env.RESEND_BASE_URL ? { baseUrl: env.RESEND_BASE_URL } : {});
  const { data, error } = await resend.emails.send(
    { from: sender(env), to, subject, text, html },
    { idempotencyKey: id },
  );
  if (!error) return { kind: "delivered", providerId: data.id };
  const reason = `${error.statusCode ?? "no answer"} ${error.name}: ${error.message}`;
  // 400 and 422 say that this mail is wrong, an impossible recipient mostly; it would be so the next time too.
  if (error.statusCode === 400 || error.statusCode === 422) return { kind: "refused", reason };
  throw new Error(`Resend: ${reason}`);
}
