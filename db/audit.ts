import { asOrganization } from "./as-organization.ts";
import { asNobodyChanging, asUser } from "./as-user.ts";
import type { Sql } from "./client.ts";
import type { Page } from "./page.ts";

/**
 * The audit log. What changes in a row is written by the tables' own triggers (migration 0021), so nothing here is needed for it;
 * `record` is for what no row tells: a sensitive read, a sign-in.
 */
export interface AuditEvent {
  id: number;
  at: Date;
  /** "device.changed", "credential.shown". */
  action: string;
  objectType: string;
  objectId: string | null;
  /** As it was called then. */
  objectName: string | null;
  actor: "person" | "key" | "device" | "job" | "command" | "system";
  actorId: string | null;
  /** A person's address, or the name of the key, device, job or command; null: somebody who was not signed in. */
  actorName: string | null;
  session: string | null;
  address: string | null;
  agent: string | null;
  request: string | null;
  /** Of a change the columns that changed, else the whole row; of a read its details (after). Without secrets. */
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface AuditFilter {
  /** A part of the actor's name, or their id. */
  who?: string | undefined;
  /** "device.changed", or its beginning ("device."). */
  action?: string | undefined;
  /** A kind of object, an object's id, or a part of its name. */
  object?: string | undefined;
  fromMs?: number | undefined;
  /** Exclusive. */
  toMs?: number | undefined;
  /** Anywhere in the entry, its values before and after included; in `textDays` days. */
  text?: string | undefined;
}

/**
 * A text is looked for in the entries of so many days before `toMs` (or now): all of them are read for it, since an index of every
 * value would cost each change more than the change.
 */
export const textDays = 92;

const columns = `id, at, action, object_type as "objectType", object_id as "objectId", object_name as "objectName", actor,
  actor_id as "actorId", actor_name as "actorName", session, address, agent, request, before, after`;

const filtered = `($2::bigint is null or id < $2)
  and ($4::text is null or actor_name ilike $4 or actor_id = $5)
  and ($6::text is null or action like $6)
  and ($7::text is null or object_type = $8 or object_id = $8 or object_name ilike $7)
  and ($9::float8 is null or at >= to_timestamp($9 / 1000)) and ($10::float8 is null or at < to_timestamp($10 / 1000))
  and ($11::text is null or concat_ws(' ', actor_name, action, object_type, object_id, object_name, address, agent, before, after) ilike $11)`;

// Two walks along an index, newest first, each as long as the page: the organization's own entries, and those of its members'
// accounts (which the row-level security cuts to the time that they belong to it).
const pageOfEvents = (own: string) => `
  select * from (
    (select ${columns} from ${own} where organization_id = $1 and ${filtered} order by id desc limit $3)
    union all
    (select ${columns} from audit.events where organization_id is null and object_type = 'account'
       and object_id = any (array(select user_id::text from energy.memberships)) and ${filtered} order by id desc limit $3)
  ) found order by id desc limit $3`;

const byId = pageOfEvents("audit.events");
// Where a text is looked for, few or none may fit: the days that are asked for are read, and not all that is older.
const byTime = pageOfEvents(
  "(select * from audit.events where organization_id = $1 and at >= to_timestamp($9::float8 / 1000) offset 0) in_time",
);

const escaped = (text: string) => text.replace(/[\\%_]/g, "\\$&");
const part = (text: string | undefined) => (text ? `%${escaped(text)}%` : null);

/** Newest first; `next`: the id to go on before. */
export async function auditPage(
  organizationId: string,
  filter: AuditFilter,
  { before, limit }: { before: number | null; limit: number },
): Promise<Page<AuditEvent, number>> {
  const { who, action, object, toMs, text } = filter;
  const firstMs = text ? (toMs ?? Date.now()) - textDays * 86_400_000 : -Infinity;
  const fromMs = Math.max(filter.fromMs ?? -Infinity, firstMs);
  const { rows } = await asOrganization(organizationId, (sql) =>
    sql.query<AuditEvent>(text ? byTime : byId, [
      ...[organizationId, before, limit + 1, part(who), who ?? null, action ? `${escaped(action)}%` : null],
      ...[part(object), object ?? null, Number.isFinite(fromMs) ? fromMs : null, toMs ?? null, part(text)],
    ]),
  );
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? items.at(-1)!.id : null };
}

const perRead = 1_000;

/** All that fit the filter, newest first, read as they are asked for: memory holds one page of them. */
export async function* auditEvents(organizationId: string, filter: AuditFilter): AsyncGenerator<AuditEvent> {
  let before: number | null = null;
  do {
    const page: Page<AuditEvent, number> = await auditPage(organizationId, filter, { before, limit: perRead });
    yield* page.items;
    before = page.next;
  } while (before !== null);
}

/** What happened to a person's own account, newest first; `next`: the id to go on before. */
export function accountLog(
  userId: string,
  { before, limit }: { before: number | null; limit: number },
): Promise<Page<AuditEvent, number>> {
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<AuditEvent>(
      `select ${columns} from audit.events
       where organization_id is null and object_type in ('account', 'two_factor') and object_id = $1
         and ($2::bigint is null or id < $2) order by id desc limit $3`,
      [userId, before, limit + 1],
    );
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? items.at(-1)!.id : null };
  });
}

/** What happened, and to what. */
export interface Recorded {
  action: string;
  objectType: string;
  objectId?: string | null;
  objectName?: string | null;
  details?: Record<string, unknown>;
}

/** Adds an entry on the caller's transaction, about its organization; who and from where, db/actor.ts knows. */
export async function recordEvent(sql: Sql, recorded: Recorded, organizationId: string | null = null): Promise<void> {
  const { action, objectType, objectId = null, objectName = null, details } = recorded;
  await sql.query("select audit.record($1, $2, $3, $4, $5, $6)", [
    ...[action, objectType, objectId, objectName, details ? JSON.stringify(details) : null, organizationId],
  ]);
}

/** The same about an organization, in a transaction of its own. */
export const recordRead = (organizationId: string, recorded: Recorded): Promise<void> =>
  asOrganization(organizationId, (sql) => recordEvent(sql, recorded));

/** What happened at the door: signed in, signed out, or tried to. `userId` null: there is no such account. */
export const recordAtDoor = (
  action: "signed-in" | "signed-out" | "sign-in-failed",
  { userId, email }: { userId: string | null; email: string },
): Promise<void> =>
  asNobodyChanging((sql) =>
    recordEvent(sql, { action: `account.${action}`, objectType: "account", objectId: userId, objectName: email }),
  );
