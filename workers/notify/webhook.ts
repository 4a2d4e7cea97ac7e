import type { Tried } from "../../db/webhook-delivery.ts";
import { eventBody, type EventType } from "../../domain/webhook/events.ts";
import { signedHeaders, type WebhookSecret } from "../../domain/webhook/signature.ts";
import { post, type PostOptions } from "../../platform/outgoing/post.ts";
import { readTarget } from "../../platform/outgoing/target.ts";

export interface OutgoingMessage {
  /** The same at each try: a receiver that took it already can tell. */
  id: string;
  url: string;
  type: EventType;
  occurredAt: Date;
  data: unknown;
  /** null: they can no longer be opened. */
  secrets: WebhookSecret[] | null;
}

/** What came of a message: delivered with a 2xx, or not, and why. */
export type Outcome = Omit<Tried, "durationMs">;

const failed = (fault: Outcome["fault"]): Outcome => ({
  ...{ isDelivered: false, status: null, answer: null, askedS: null },
  fault,
});

/** Posts a signed message. @param allowed WEBHOOK_ALLOWED_HOSTS */
export async function sendWebhook(
  { id, url, type, occurredAt, data, secrets }: OutgoingMessage,
  { allowed, nowMs, ...options }: { allowed: readonly string[]; nowMs: number } & PostOptions,
): Promise<Outcome> {
  if (!secrets) return failed("no-secret");
  // Once more: what the operator allows may have changed since it was made.
  const target = readTarget(url, allowed);
  if (!target.ok) return failed("address-refused");
  const body = eventBody(type, { occurredAt, data });
  const headers = {
    "content-type": "application/json",
    "user-agent": "Energy-Tracking",
    ...signedHeaders(secrets, { id: `msg_${id}`, body, nowMs }),
  };
  const outcome = await post(target, { headers, body }, options);
  if (!outcome.ok) return failed(outcome.reason);
  const { status, text: answer, retryAfterS: askedS } = outcome;
  return { isDelivered: status >= 200 && status < 300, status, fault: null, answer, askedS };
}
