import { asSystem } from "../../db/as-system.ts";
import { deliveryToSend, noteTry } from "../../db/webhook-delivery.ts";
import { deliverSoon } from "../../db/webhooks.ts";
import { publicUrl, readEnvironment } from "../../platform/env.ts";
import { counter } from "../../platform/metrics.ts";
import { sendWebhook } from "../notify/webhook.ts";
import type { Task } from "../task.ts";

const webhooksTotal = counter("webhook_messages_total", "Messages to webhooks tried, by outcome", ["outcome"]);

/**
 * A receiver may take ten seconds for each message, and a worker does four jobs at once: so many of them may be these. One that finds
 * no place comes back later. (That two of one organization do not go out at once is the queue's to see to: migration 0023.)
 */
const atOnce = 3;
const laterMs = 5_000;
let underWay = 0;

/** Sends one message. What fails is noted with it, and tried again as domain/webhook/retry says. */
const deliverWebhook: Task<"deliver-webhook"> = async ({ organizationId, deliveryId }, { log }) => {
  if (underWay >= atOnce) {
    const later = new Date(Date.now() + laterMs * (1 + Math.random()));
    return asSystem((sql) => deliverSoon(sql, organizationId, deliveryId, later));
  }
  underWay++;
  try {
    const message = await deliveryToSend(organizationId, deliveryId);
    if (!message) return;
    const env = readEnvironment();
    const nowMs = Date.now();
    const began = performance.now();
    const outcome = await sendWebhook(message, { allowed: env.WEBHOOK_ALLOWED_HOSTS, nowMs });
    const tried = { ...outcome, durationMs: Math.round(performance.now() - began) };
    webhooksTotal.inc({ outcome: tried.isDelivered ? "delivered" : (tried.fault ?? "refused") });
    const now = { nowMs: Date.now(), chance: Math.random(), page: `${publicUrl(env)}/organization/webhooks` };
    const off = await noteTry({ organizationId, deliveryId }, tried, now);
    if (off) log.info({ organizationId, reason: off }, "a webhook was switched off");
  } finally {
    underWay--;
  }
};

export default deliverWebhook;
