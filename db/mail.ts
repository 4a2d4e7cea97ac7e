import { randomUUID } from "node:crypto";
import { letterOf, isTemplateName, templates, type Mail } from "../domain/mail/templates.ts";
import type { Letter } from "../domain/mail/letter.ts";
import { isEmail } from "../domain/access/email.ts";
import { asNobody } from "./as-user.ts";
import type { Sql } from "./client.ts";
import { jobs } from "./jobs.ts";
import { seal, unseal, type Place } from "./seal.ts";

/**
 * Mail on its way out. A row in auth.mails and the job that sends it are made together, on the caller's transaction. What a
 * mail says may let somebody in (a link), so it is sealed, and taken away when the mail has been handed over.
 */

const placeOf = (id: string): Place => ({ column: "auth.mails.data_sealed", row: id });

/**
 * Puts a mail in, in any context: asUser, asOrganization (it is deleted with the organization) or asNobody.
 * @throws Error when the address cannot be one; ZodError when the data are not what the template asks for.
 */
export async function enqueueMail(sql: Sql, { to, template, data }: Mail): Promise<void> {
  if (!isEmail(to)) throw new Error("not an e-mail address to send to");
  const told = templates[template].data.parse(data);
  const id = randomUUID();
  await sql.query("select auth.enqueue_mail($1, $2, $3, $4, $5)", [
    id,
    to,
    template,
    seal(JSON.stringify(told), placeOf(id)),
    jobs["send-mail"].attempts,
  ]);
}

export interface OutboxMail {
  id: string;
  recipient: string;
  createdAt: Date;
  /** Set: it waits to be tried again. */
  lastError: string | null;
  letter: Letter;
}

const shown = 50;

/**
 * What was or will be put in the outbox because no mail provider is set, newest first: everybody's, so it is for the page of
 * the developer alone. `recipient` null: of all.
 */
export async function outbox(recipient: string | null): Promise<OutboxMail[]> {
  const { rows } = await asNobody().query<Omit<OutboxMail, "letter"> & { template: string; sealed: string }>(
    `select id, recipient, template, data_sealed as sealed, created_at as "createdAt", last_error as "lastError"
     from auth.outbox($1, $2)`,
    [recipient, shown],
  );
  return rows.flatMap(({ template, sealed, ...mail }) => {
    const letter = openLetter({ id: mail.id, template, sealed });
    return letter ? [{ ...mail, letter }] : [];
  });
}

/** null: sealed under another secret, or of a template that is no more. */
export function openLetter({ id, template, sealed }: { id: string; template: string; sealed: string }): Letter | null {
  const data = unseal(sealed, placeOf(id));
  return data !== null && isTemplateName(template) ? letterOf(template, JSON.parse(data)) : null;
}
