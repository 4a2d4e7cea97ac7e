import { asOrganization } from "./as-organization.ts";
import type { Sql } from "./client.ts";
import { seal, unseal, type Place } from "./seal.ts";

/**
 * Creations that a program may safely repeat (header Idempotency-Key): what was answered the first time is answered again, for a
 * day. The answer is sealed, since it may carry a secret that is shown once.
 */
export const keptHours = 24;
/** What is under way for longer was cut off: whoever asks again may begin anew. */
const cutOffAfterS = 60;

export interface KeptAnswer {
  status: number;
  body: string;
  location: string | null;
}

/** "begun": nobody has, go on, and `keepAnswer` or `forget`. "other": the same key came with another request. */
export type Begin = "begun" | "under-way" | "other" | KeptAnswer;

export interface Repeatable {
  key: string;
  /** SHA-256 of what is asked, and by which API key. */
  requestHash: string;
}

interface Row {
  requestHash: string;
  status: number | null;
  answerSealed: string | null;
}

const placeOf = (organizationId: string, key: string): Place => ({
  column: "energy.idempotency_keys.answer_sealed",
  row: `${organizationId} ${key}`,
});

/** Claims a key for a request, or answers what became of the one that has it. */
export function beginOnce(organizationId: string, { key, requestHash }: Repeatable): Promise<Begin> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Row>(
      `select request_hash as "requestHash", status, answer_sealed as "answerSealed" from energy.begin_once($1, $2, $3, $4)`,
      [key, requestHash, cutOffAfterS, keptHours * 3600],
    );
    const [found] = rows;
    if (!found) return "begun";
    if (found.requestHash !== requestHash) return "other";
    if (found.status === null) return "under-way";
    const answer = unseal(found.answerSealed ?? "", placeOf(organizationId, key));
    // Sealed under another APP_SECRET: that it was done is known, what was answered is not.
    if (answer === null) return "other";
    return { status: found.status, ...(JSON.parse(answer) as Pick<KeptAnswer, "body" | "location">) };
  });
}

export async function keepAnswer(
  organizationId: string,
  { key, requestHash }: Repeatable,
  { status, body, location }: KeptAnswer,
): Promise<void> {
  const answer = seal(JSON.stringify({ body, location }), placeOf(organizationId, key));
  await asOrganization(organizationId, (sql) =>
    sql.query("select energy.keep_answer($1, $2, $3::smallint, $4)", [key, requestHash, status, answer]),
  );
}

/** Nothing was made: the same key may be tried again. */
export async function forgetOnce(organizationId: string, { key, requestHash }: Repeatable): Promise<void> {
  await asOrganization(organizationId, (sql) => sql.query("select energy.forget_once($1, $2)", [key, requestHash]));
}

/** Removes what is older than a day. */
export async function removeOldAnswers(sql: Sql): Promise<void> {
  await sql.query("delete from energy.idempotency_keys where created_at < now() - $1 * interval '1 hour'", [keptHours]);
}
