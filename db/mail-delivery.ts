import type { Letter } from "../domain/mail/letter.ts";
import { systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { openLetter } from "./mail.ts";

/** What the worker asks and notes when it sends a mail. */
export interface WaitingMail {
  recipient: string;
  template: string;
  /** How often an admin sent it again after it was refused. */
  sentAgain: number;
  /** null: it cannot be opened any more, because APP_SECRET or the template changed. */
  letter: Letter | null;
}

/** null: it was handed over already, or was deleted. */
export async function mailToSend(id: string): Promise<WaitingMail | null> {
  const { rows } = await systemPool().query<Omit<WaitingMail, "letter"> & { sealed: string }>(
    `select recipient, template, sent_again as "sentAgain", data_sealed as sealed from auth.mails where id = $1 and ended_at is null and data_sealed is not null`,
    [id],
  );
  const [mail] = rows;
  if (!mail) return null;
  const { sealed, ...known } = mail;
  return { ...known, letter: openLetter({ id, template: mail.template, sealed }) };
}

/** Handed over; what it said is not kept. */
export async function mailSent(id: string, providerId: string): Promise<void> {
  await systemPool().query(
    `update auth.mails set outcome = 'sent', ended_at = now(), attempts = attempts + 1, provider_id = $2, data_sealed = null,
       last_error = null where id = $1`,
    [id, providerId],
  );
}

/** No provider is set: it stays, to be read in the outbox. */
export async function mailKept(id: string): Promise<void> {
  await systemPool().query(
    "update auth.mails set outcome = 'outbox', ended_at = now(), attempts = attempts + 1, last_error = null where id = $1",
    [id],
  );
}

/** It is not delivered, for this reason; who runs the platform may send it again, unless it can no longer be opened. */
export async function mailRefused(id: string, reason: string, isReadable: boolean): Promise<void> {
  await systemPool().query(
    `update auth.mails set outcome = 'refused', ended_at = now(), attempts = attempts + 1, last_error = left($2, 500),
       data_sealed = case when $3 then data_sealed end where id = $1`,
    [id, reason, isReadable],
  );
}

/** It did not work this time. */
export async function mailFailed(id: string, reason: string): Promise<void> {
  await systemPool().query("update auth.mails set attempts = attempts + 1, last_error = left($2, 500) where id = $1", [
    id,
    reason,
  ]);
}

/** Who got which mail is of use for a month, to answer "where is my mail?". */
export async function forgetOldMails(sql: Sql): Promise<void> {
  await sql.query("delete from auth.mails where created_at < now() - interval '30 days'");
}
