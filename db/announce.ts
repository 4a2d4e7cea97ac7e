import { events, type EventData, type EventType } from "../domain/webhook/events.ts";
import type { Sql } from "./client.ts";

/**
 * Tells an organization's webhooks that something happened: a message for each that wants it, and the job that sends it, on the
 * caller's transaction. Members are announced by a trigger (migration 0023), since they come and go in many ways.
 * @param about an organization's own context always speaks for itself. `occurredAt`: where it was not just now.
 */
export async function announce<T extends Exclude<EventType, "member.joined" | "member.removed" | "webhook.test">>(
  sql: Sql,
  type: T,
  data: EventData<T>,
  about: { organizationId: string; occurredAt?: Date },
): Promise<void> {
  await sql.query("select energy.announce($1, $2, $3, $4)", [
    type,
    JSON.stringify(events[type].data.parse(data)),
    about.organizationId,
    about.occurredAt ?? null,
  ]);
}
