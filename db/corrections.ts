import { stretchOf, type Correction } from "../domain/energy/corrections.ts";
import type { Judgement } from "../domain/energy/judgement.ts";
import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { enqueue } from "./jobs.ts";
import type { Page } from "./page.ts";

/** What people corrected of channels' readings. Rows are added, never changed: one that is undone stays, with who undid it. */

interface Columns {
  what: Correction["what"];
  fromMs: number;
  toMs: number | null;
  amount: number | null;
  judgement: Judgement | null;
  finalValue: number | null;
  firstValue: number | null;
}

const ms = (column: string) => `extract(epoch from ${column})::float8 * 1000`;
const columns = `x.what, ${ms("x.from_time")} as "fromMs", ${ms("x.to_time")} as "toMs", x.amount, x.judgement,
  x.final_value as "finalValue", x.first_value as "firstValue"`;

function correctionOf({ what, fromMs, toMs, amount, judgement, finalValue, firstValue }: Columns): Correction {
  switch (what) {
    case "exclude":
      return { what, fromMs, toMs: toMs! };
    case "scale":
      return { what, fromMs, toMs: toMs!, factor: amount! };
    case "reading":
      return { what, atMs: fromMs, value: amount! };
    case "judge":
      return { what, atMs: fromMs, as: judgement! };
    case "replace":
      return { what, atMs: fromMs, finalValue, firstValue };
  }
}

export type CorrectionInForce = Correction & { id: string };

/** The corrections that hold, by channel, in the order in which they were made. In any context. */
export async function correctionsInForce(
  sql: Sql,
  channelIds: readonly number[],
): Promise<(channelId: number) => CorrectionInForce[]> {
  const { rows } = await sql.query<Columns & { id: string; channelId: number }>(
    `select x.id, x.channel_id as "channelId", ${columns} from energy.corrections x where x.channel_id = any ($1) and x.what <> 'undo'
       and not exists (select from energy.corrections u where u.undoes = x.id and u.channel_id = x.channel_id) order by x.number`,
    [channelIds],
  );
  const found = new Map<number, CorrectionInForce[]>();
  for (const row of rows) {
    const list = found.get(row.channelId) ?? [];
    found.set(row.channelId, [...list, { id: row.id, ...correctionOf(row) }]);
  }
  return (channelId) => found.get(channelId) ?? [];
}

/** Who did something, when and why. */
export interface Act {
  /** Their name now; null: they are no member any more, or a program did it. */
  author: string | null;
  atMs: number;
  reason: string;
}

export interface MadeCorrection extends Act {
  id: string;
  number: number;
  channelId: number;
  correction: Correction;
  /** null: it holds. */
  undone: Act | null;
}

type Row = Columns & Omit<MadeCorrection, "correction">;

const made = `select x.id, x.number::float8 as number, x.channel_id as "channelId", ${columns}, x.reason, ${ms("x.created_at")} as "atMs",
    energy.member_name(x.created_by) as author,
    case when u.id is not null then json_build_object('author', energy.member_name(u.created_by), 'atMs', ${ms("u.created_at")},
      'reason', u.reason) end as undone
  from energy.corrections x left join energy.corrections u on u.undoes = x.id and u.channel_id = x.channel_id where x.what <> 'undo'`;

const shown = (row: Row): MadeCorrection => {
  const { id, number, channelId, author, atMs, reason, undone } = row;
  return { id, number, channelId, author, atMs, reason, undone, correction: correctionOf(row) };
};

/** A page of a channel's corrections, newest first, those that were undone among them; it begins before the numbered one. */
export async function correctionsPage(
  organizationId: string,
  channelId: number,
  { before, limit }: { before: number | null; limit: number },
): Promise<Page<MadeCorrection, number>> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Row>(
      `${made} and x.channel_id = $1 and ($2::float8 is null or x.number < $2) order by x.number desc limit $3`,
      [channelId, before, limit + 1],
    );
    const items = rows.slice(0, limit).map(shown);
    return { items, next: rows.length > limit ? items.at(-1)!.number : null };
  });
}

async function find(sql: Sql, id: string): Promise<MadeCorrection | null> {
  const { rows } = await sql.query<Row>(`${made} and x.id = $1`, [id]);
  return rows[0] ? shown(rows[0]) : null;
}

export async function getCorrection(organizationId: string, id: string): Promise<MadeCorrection | null> {
  return isUuid(id) ? asOrganization(organizationId, (sql) => find(sql, id)) : null;
}

export interface Given {
  reason: string;
  /** null: a program. */
  userId: string | null;
}

/** Adds a correction; only what it touches is rolled up anew. @throws where the channel is not the organization's. */
export function addCorrection(
  organizationId: string,
  channelId: number,
  given: Given & { correction: Correction },
): Promise<MadeCorrection> {
  return asOrganization(organizationId, async (sql) => {
    const id = await insertCorrection(sql, channelId, given);
    await markTouched(sql, channelId, given.correction);
    return (await find(sql, id))!;
  });
}

/** The row alone, in a transaction whose caller has the channel rolled up. */
export async function insertCorrection(
  sql: Sql,
  channelId: number,
  { correction, reason, userId }: Given & { correction: Correction },
): Promise<string> {
  const { fromMs, toMs } = stretchOf(correction);
  const isRange = "fromMs" in correction;
  const { rows } = await sql.query<{ id: string }>(
    `insert into energy.corrections (organization_id, channel_id, what, from_time, to_time, amount, judgement, final_value, first_value,
       reason, created_by)
     select c.organization_id, c.id, $2, to_timestamp($3::float8 / 1000), to_timestamp($4::float8 / 1000), $5, $6, $7, $8, $9, $10
     from energy.channels c where c.id = $1 and c.organization_id = energy.current_organization() returning id`,
    [
      channelId,
      correction.what,
      fromMs,
      isRange ? toMs : null,
      correction.what === "scale" ? correction.factor : correction.what === "reading" ? correction.value : null,
      correction.what === "judge" ? correction.as : null,
      correction.what === "replace" ? correction.finalValue : null,
      correction.what === "replace" ? correction.firstValue : null,
      reason,
      userId,
    ],
  );
  if (!rows[0]) throw new Error(`no channel ${channelId} in this organization`);
  return rows[0].id;
}

/** Undoes a correction: what it touched is again as it was. */
export function undoCorrection(
  organizationId: string,
  id: string,
  { reason, userId }: Given,
): Promise<MadeCorrection | "not-found" | "undone-before" | "frozen"> {
  if (!isUuid(id)) return Promise.resolve("not-found");
  return asOrganization(organizationId, async (sql) => {
    const before = await find(sql, id);
    if (!before) return "not-found";
    if (await isFrozen(sql, before)) return "frozen";
    const { rowCount } = await sql.query(
      `insert into energy.corrections (organization_id, channel_id, what, undoes, reason, created_by)
       values ($1, $2, 'undo', $3, $4, $5) on conflict (undoes, channel_id) do nothing`,
      [organizationId, before.channelId, id, reason, userId],
    );
    if (!rowCount) return "undone-before";
    await markTouched(sql, before.channelId, before.correction);
    return (await find(sql, id))!;
  });
}

/** Whether it touches buckets that stay as they are, because raw readings of then are gone. */
async function isFrozen(sql: Sql, { channelId, correction }: MadeCorrection): Promise<boolean> {
  const { rowCount } = await sql.query(
    "select from energy.channels where id = $1 and frozen_before > to_timestamp($2::float8 / 1000)",
    [channelId, stretchOf(correction).fromMs],
  );
  return Boolean(rowCount);
}

async function markTouched(sql: Sql, channelId: number, correction: Correction): Promise<void> {
  const { fromMs, toMs } = stretchOf(correction);
  await sql.query(
    "select energy.mark_stretch_dirty($1, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000))",
    [channelId, fromMs, toMs],
  );
  await enqueue(sql, "roll-up", {}, { key: "roll-up" });
}

/** The corrections of a channel that was merged go on in the one that it was merged into. In the system's context; may be run again. */
export async function takeCorrectionsAlong(sql: Sql, fromId: number, intoId: number): Promise<void> {
  await sql.query(
    `insert into energy.corrections (organization_id, channel_id, what, from_time, to_time, amount, judgement, final_value, first_value,
       reason, created_by, created_at)
     select x.organization_id, $2, x.what, x.from_time, x.to_time, x.amount, x.judgement, x.final_value, x.first_value, x.reason,
       x.created_by, x.created_at
     from energy.corrections x where x.channel_id = $1 and x.what <> 'undo'
       and not exists (select from energy.corrections u where u.undoes = x.id and u.channel_id = x.channel_id)
       and not exists (select from energy.corrections t where t.channel_id = $2 and t.what = x.what and t.from_time = x.from_time
         and t.created_at = x.created_at)
     order by x.number`,
    [fromId, intoId],
  );
}
