import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { DeliveryFault, DeliveryOutcome, OffReason } from "../domain/webhook/delivery.ts";
import type { EventType } from "../domain/webhook/events.ts";
import { rotated, type WebhookSecret } from "../domain/webhook/signature.ts";
import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { jobs } from "./jobs.ts";
import { pageOf, type Page, type PageQuery } from "./page.ts";
import { seal, unseal, type Place } from "./seal.ts";

/** Addresses that are told what happens in an organization, and what was sent to them. */
export interface Webhook {
  id: string;
  name: string;
  url: string;
  events: EventType[];
  /** null: a program, or no member any more. */
  author: string | null;
  createdAt: Date;
  /** null: it is on. */
  offReason: OffReason | null;
  offSince: Date | null;
  /** The first try that failed after the last that did not; null: all is well. */
  failingSince: Date | null;
  deliveredAt: Date | null;
  /** Messages that wait to be sent or tried again, and events that were not kept because too many waited. */
  waiting: number;
  unsent: number;
}

/** Most of an organization; most messages that wait for one (migration 0023); most tests of an organization in a minute. */
export const mostWebhooks = 10;
export const mostWaitingMessages = 1_000;
export const mostTests = 10;
/** Messages are kept for so long. */
export const deliveryDays = 30;

const placeOf = (id: string): Place => ({ column: "energy.webhooks.secrets_sealed", row: id });
const secretsSchema = z.array(z.object({ secret: z.string(), untilMs: z.number().nullable() }));

const sealSecrets = (id: string, secrets: readonly WebhookSecret[]) => seal(JSON.stringify(secrets), placeOf(id));

/** null: APP_SECRET has changed since they were sealed. */
export function openSecrets(id: string, sealed: string): WebhookSecret[] | null {
  const text = unseal(sealed, placeOf(id));
  return text === null ? null : secretsSchema.parse(JSON.parse(text));
}

const select = `select w.id, w.name, w.url, w.events, energy.member_name(w.created_by) as author, w.created_at as "createdAt",
  w.off_reason as "offReason", w.off_since as "offSince", w.failing_since as "failingSince", w.unsent,
  (select max(d.tried_at) from energy.webhook_deliveries d where d.webhook_id = w.id and d.outcome = 'delivered') as "deliveredAt",
  (select count(*) from energy.webhook_deliveries d where d.webhook_id = w.id and d.outcome is null) as waiting
  from energy.webhooks w`;

/** Oldest first. */
export function listWebhooks(organizationId: string): Promise<Webhook[]> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Webhook>(`${select} order by w.created_at, w.id`);
    return rows;
  });
}

export async function getWebhook(organizationId: string, id: string): Promise<Webhook | null> {
  return isUuid(id) ? asOrganization(organizationId, (sql) => find(sql, id)) : null;
}

async function find(sql: Sql, id: string): Promise<Webhook | null> {
  const { rows } = await sql.query<Webhook>(`${select} where w.id = $1`, [id]);
  return rows[0] ?? null;
}

export interface NewWebhook {
  name: string;
  url: string;
  events: readonly EventType[];
  secret: string;
  /** null: an API key. */
  createdBy: string | null;
}

/** "too-many": the organization has `mostWebhooks`. */
export function createWebhook(organizationId: string, given: NewWebhook): Promise<Webhook | "too-many"> {
  const { name, url, events, secret, createdBy } = given;
  return asOrganization(organizationId, async (sql) => {
    await lock(sql, organizationId);
    const { rows } = await sql.query<{ n: number }>("select count(*) as n from energy.webhooks");
    if (rows[0]!.n >= mostWebhooks) return "too-many";
    const id = randomUUID();
    await sql.query(
      `insert into energy.webhooks (id, organization_id, name, url, events, secrets_sealed, created_by)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [id, organizationId, name, url, events, sealSecrets(id, [{ secret, untilMs: null }]), createdBy],
    );
    return (await find(sql, id))!;
  });
}

/** What is counted before something is added is not changed meanwhile. */
const lock = (sql: Sql, organizationId: string) =>
  sql.query("select pg_advisory_xact_lock(hashtextextended('webhooks ' || $1, 0))", [organizationId]);

export interface WebhookPatch {
  name?: string | undefined;
  url?: string | undefined;
  events?: readonly EventType[] | undefined;
  /** On: it begins anew, with what happens from now on. Off: what waits is not sent. */
  isOn?: boolean | undefined;
}

/** null: there is no such webhook. */
export async function updateWebhook(organizationId: string, id: string, patch: WebhookPatch): Promise<Webhook | null> {
  if (!isUuid(id)) return null;
  const { name, url, events, isOn } = patch;
  return asOrganization(organizationId, async (sql) => {
    await sql.query(
      `update energy.webhooks set name = coalesce($2, name), url = coalesce($3, url), events = coalesce($4, events),
         tells_from = case when $5 and off_since is not null or not events @> $4 then now() else tells_from end,
         failing_since = case when $5 and off_since is not null or $3 <> url then null else failing_since end,
         unsent = case when $5 and off_since is not null then 0 else unsent end,
         off_since = case when $5 then null when not $5 then coalesce(off_since, now()) else off_since end,
         off_reason = case when $5 then null when not $5 then coalesce(off_reason, 'person') else off_reason end
       where id = $1`,
      [id, name ?? null, url ?? null, events ?? null, isOn ?? null],
    );
    return find(sql, id);
  });
}

/** With all that was sent and waits. */
export async function deleteWebhook(organizationId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query("delete from energy.webhooks where id = $1", [id]);
    return rowCount === 1;
  });
}

/** Another secret; the one before signs for a day more beside it. null: there is no such webhook. */
export async function rotateWebhookSecret(organizationId: string, id: string, secret: string): Promise<Webhook | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ sealed: string }>(
      "select secrets_sealed as sealed from energy.webhooks where id = $1 for update",
      [id],
    );
    if (!rows[0]) return null;
    const secrets = rotated(openSecrets(id, rows[0].sealed) ?? [], secret, Date.now());
    await sql.query("update energy.webhooks set secrets_sealed = $2 where id = $1", [id, sealSecrets(id, secrets)]);
    return find(sql, id);
  });
}

/** A message to a webhook. */
export interface Delivery {
  id: string;
  type: EventType;
  occurredAt: Date;
  data: unknown;
  createdAt: Date;
  /** null: it waits for `nextTryAt`. */
  outcome: DeliveryOutcome | null;
  tries: number;
  nextTryAt: Date | null;
  /** Of the last try; null: there was none, or no answer came. */
  triedAt: Date | null;
  durationMs: number | null;
  status: number | null;
  fault: DeliveryFault | null;
  answer: string | null;
}

const deliveryColumns = `id, type, occurred_at as "occurredAt", data, created_at as "createdAt", outcome, tries,
  next_try_at as "nextTryAt", tried_at as "triedAt", duration_ms as "durationMs", status, fault, answer`;

/** Newest first. null: there is no such webhook. */
export async function deliveriesPage(
  organizationId: string,
  webhookId: string,
  { after, limit }: PageQuery,
): Promise<Page<Delivery> | null> {
  if (!isUuid(webhookId)) return null;
  return asOrganization(organizationId, async (sql) => {
    if (!(await find(sql, webhookId))) return null;
    const { rows } = await sql.query<Delivery & { position: string }>(
      `select ${deliveryColumns}, created_at::text as position from energy.webhook_deliveries
       where webhook_id = $1 and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid))
       order by created_at desc, id desc limit $4`,
      [webhookId, after?.createdAt ?? null, after?.id ?? null, limit + 1],
    );
    return pageOf(rows, limit);
  });
}

/** Sends a test at once, also to one that is off. It is tried once. null: there is no such webhook. */
export async function testWebhook(organizationId: string, id: string): Promise<Delivery | "too-many" | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    const webhook = await find(sql, id);
    if (!webhook) return null;
    await lock(sql, organizationId);
    const recent = await sql.query(
      "select from energy.webhook_deliveries where type = 'webhook.test' and created_at > now() - interval '1 minute'",
    );
    if ((recent.rowCount ?? 0) >= mostTests) return "too-many";
    const { rows } = await sql.query<Delivery>(
      `insert into energy.webhook_deliveries (organization_id, webhook_id, type, occurred_at, data)
       values ($1, $2, 'webhook.test', now(), $3) returning ${deliveryColumns}`,
      [organizationId, id, JSON.stringify({ webhookId: id, name: webhook.name })],
    );
    await deliverSoon(sql, organizationId, rows[0]!.id);
    return rows[0]!;
  });
}

/**
 * Sends a message once more, with the id that it had: a receiver that took it already can tell. One that waits is tried at once.
 * null: there is no such message.
 */
export async function sendAgain(
  organizationId: string,
  { webhookId, deliveryId }: { webhookId: string; deliveryId: string },
): Promise<Delivery | "off" | null> {
  if (!isUuid(webhookId) || !isUuid(deliveryId)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Delivery & { isOff: boolean }>(
      `select ${deliveryColumns}, (select w.off_since is not null from energy.webhooks w where w.id = webhook_id) as "isOff"
       from energy.webhook_deliveries where id = $1 and webhook_id = $2 for update`,
      [deliveryId, webhookId],
    );
    if (!rows[0]) return null;
    const { isOff, ...delivery } = rows[0];
    if (isOff && delivery.type !== "webhook.test") return "off";
    // One that has ended begins its tries anew.
    const tries = delivery.outcome === null ? delivery.tries : 0;
    await sql.query(
      "update energy.webhook_deliveries set outcome = null, next_try_at = now(), tries = $2 where id = $1",
      [deliveryId, tries],
    );
    await deliverSoon(sql, organizationId, deliveryId);
    return { ...delivery, tries, outcome: null };
  });
}

/** Whenever it is asked for, a message has one job: the newest word on when holds. An organization's go one after the other. */
export async function deliverSoon(sql: Sql, organizationId: string, deliveryId: string, runAt?: Date): Promise<void> {
  await sql.query("select energy.enqueue('deliver-webhook', $1, $2, energy.webhook_queue($3), $4, $5)", [
    JSON.stringify({ organizationId, deliveryId }),
    `webhook ${deliveryId}`,
    organizationId,
    runAt ?? null,
    jobs["deliver-webhook"].attempts,
  ]);
}
