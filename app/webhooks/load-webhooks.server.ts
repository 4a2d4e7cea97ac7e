import type { Delivery, Webhook } from "../../db/webhooks.ts";
import { eventBody } from "../../domain/webhook/events.ts";
import type { ShownDelivery } from "./deliveries-card.tsx";
import type { ShownWebhook } from "./webhook-state.tsx";

const ms = (at: Date | null) => at?.getTime() ?? null;

/** A webhook as the pages know it. */
export const shownWebhook = ({
  createdAt,
  offSince: _,
  failingSince,
  deliveredAt,
  ...webhook
}: Webhook): ShownWebhook => ({
  ...webhook,
  createdAtMs: createdAt.getTime(),
  ...{ failingSinceMs: ms(failingSince), deliveredAtMs: ms(deliveredAt) },
});

export function shownDelivery(delivery: Delivery): ShownDelivery {
  const { createdAt: _, occurredAt, nextTryAt, triedAt, data, ...rest } = delivery;
  return {
    ...rest,
    body: eventBody(rest.type, { occurredAt, data }),
    occurredAtMs: occurredAt.getTime(),
    ...{ nextTryAtMs: ms(nextTryAt), triedAtMs: ms(triedAt) },
  };
}
