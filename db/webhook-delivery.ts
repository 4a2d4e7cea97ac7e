import type { DeliveryFault, OffReason } from "../domain/webhook/delivery.ts";
import type { EventType } from "../domain/webhook/events.ts";
import { nextTryMs, offReasonOf } from "../domain/webhook/retry.ts";
import type { WebhookSecret } from "../domain/webhook/signature.ts";
import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { enqueueMail } from "./mail.ts";
import { deliverSoon, deliveryDays, openSecrets } from "./webhooks.ts";

/** What the worker asks and notes when it sends messages to webhooks. */
export interface WaitingDelivery {
  id: string;
  url: string;
  type: EventType;
  occurredAt: Date;
  data: unknown;
  /** null: they can no longer be opened. */
  secrets: WebhookSecret[] | null;
}

/** null: it is gone, has ended, or its webhook was switched off (which is then noted with it). */
export async function deliveryToSend(organizationId: string, id: string): Promise<WaitingDelivery | null> {
  const { rows } = await systemPool().query<
    Omit<WaitingDelivery, "secrets"> & { webhookId: string; sealed: string; isOff: boolean }
  >(
    `select d.id, w.url, d.type, d.occurred_at as "occurredAt", d.data, w.id as "webhookId", w.secrets_sealed as sealed,
       w.off_since is not null as "isOff"
     from energy.webhook_deliveries d join energy.webhooks w on w.id = d.webhook_id
     where d.id = $1 and d.organization_id = $2 and d.outcome is null`,
    [id, organizationId],
  );
  if (!rows[0]) return null;
  const { webhookId, sealed, isOff, ...waiting } = rows[0];
  if (!isOff || waiting.type === "webhook.test") return { ...waiting, secrets: openSecrets(webhookId, sealed) };
  await systemPool().query(
    "update energy.webhook_deliveries set outcome = 'dropped', fault = 'switched-off', next_try_at = null where id = $1",
    [id],
  );
  return null;
}

/** What came of a try. */
export interface Tried {
  isDelivered: boolean;
  status: number | null;
  fault: DeliveryFault | null;
  answer: string | null;
  /** The receiver's Retry-After, in seconds. */
  askedS: number | null;
  durationMs: number;
}

interface Noted {
  tries: number;
  webhookId: string;
  type: EventType;
}

/**
 * Notes a try with its delivery and its webhook, and when the next one is, in one transaction with its job. A webhook that fails for
 * days, or whose receiver is gone, is switched off, and the admins are told.
 * @param page where they see it. @param chance from 0 to 1, for the pause. Answers why it was switched off, or null.
 */
export async function noteTry(
  { organizationId, deliveryId }: { organizationId: string; deliveryId: string },
  tried: Tried,
  { nowMs, chance, page }: { nowMs: number; chance: number; page: string },
): Promise<OffReason | null> {
  return asSystem(async (sql) => {
    const { rows } = await sql.query<Noted>(
      `update energy.webhook_deliveries set tries = tries + 1, tried_at = to_timestamp($2::float8 / 1000), status = $3, fault = $4, answer = $5,
         duration_ms = $6, outcome = case when $7 then 'delivered' end, next_try_at = null
       where id = $1 returning tries, webhook_id as "webhookId", type`,
      [deliveryId, nowMs, tried.status, tried.fault, tried.answer, tried.durationMs, tried.isDelivered],
    );
    // Deleted meanwhile.
    if (!rows[0]) return null;
    const { tries, webhookId, type } = rows[0];
    if (tried.isDelivered) {
      await sql.query("update energy.webhooks set failing_since = null where id = $1 and failing_since is not null", [
        webhookId,
      ]);
      return null;
    }
    const isTest = type === "webhook.test";
    const reason = isTest ? null : await noteFailure(sql, { organizationId, webhookId, page }, { ...tried, nowMs });
    const nextMs = isTest || reason ? null : nextTryMs({ tries, askedS: tried.askedS, nowMs }, chance);
    await sql.query(
      "update energy.webhook_deliveries set outcome = $2, next_try_at = to_timestamp($3::float8 / 1000) where id = $1",
      [deliveryId, nextMs === null ? "failed" : null, nextMs],
    );
    if (nextMs !== null) await deliverSoon(sql, organizationId, deliveryId, new Date(nextMs));
    return reason;
  });
}

/** Answers why the webhook was switched off now, or null. */
async function noteFailure(
  sql: Sql,
  { organizationId, webhookId, page }: { organizationId: string; webhookId: string; page: string },
  { status, nowMs }: { status: number | null; nowMs: number },
): Promise<OffReason | null> {
  const { rows } = await sql.query<{ sinceMs: number; name: string; organization: string; isOn: boolean }>(
    `update energy.webhooks w set failing_since = coalesce(w.failing_since, to_timestamp($2::float8 / 1000))
     from energy.organizations o where w.id = $1 and o.id = w.organization_id
     returning extract(epoch from w.failing_since)::float8 * 1000 as "sinceMs", w.name, o.name as organization, w.off_since is null as "isOn"`,
    [webhookId, nowMs],
  );
  const { sinceMs, name, organization, isOn } = rows[0]!;
  const reason = isOn ? offReasonOf({ status, failingSinceMs: sinceMs, nowMs }) : null;
  if (!reason) return null;
  await sql.query("update energy.webhooks set off_since = now(), off_reason = $2 where id = $1", [webhookId, reason]);
  const { rows: admins } = await sql.query<{ email: string }>("select email from energy.admins_of($1)", [
    organizationId,
  ]);
  // The mail is the organization's, and goes when that goes.
  await sql.query("select set_config('app.organization_id', $1, true)", [organizationId]);
  const data = { webhook: name, organization, reason, url: `${page}/${webhookId}?organization=${organizationId}` };
  for (const { email } of admins) await enqueueMail(sql, { to: email, template: "webhook-off", data });
  await sql.query("select set_config('app.organization_id', '', true)");
  return reason;
}

export async function forgetOldDeliveries(sql: Sql): Promise<void> {
  await sql.query("delete from energy.webhook_deliveries where created_at < now() - make_interval(days => $1)", [
    deliveryDays,
  ]);
}
