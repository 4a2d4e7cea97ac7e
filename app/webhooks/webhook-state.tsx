import { offReasons, type OffReason } from "../../domain/webhook/delivery.ts";
import { ago } from "../charts/formats.ts";
import { Badge } from "../components/frame.tsx";

/** What pages know of a webhook; instants in epoch milliseconds. */
export interface ShownWebhook {
  id: string;
  name: string;
  url: string;
  events: string[];
  author: string | null;
  createdAtMs: number;
  offReason: OffReason | null;
  failingSinceMs: number | null;
  deliveredAtMs: number | null;
  waiting: number;
  unsent: number;
}

export function StateBadge({ offReason, failingSinceMs }: Pick<ShownWebhook, "offReason" | "failingSinceMs">) {
  if (offReason) return <Badge look={offReason === "person" ? "plain" : "bad"}>Off</Badge>;
  return failingSinceMs === null ? <Badge look="good">On</Badge> : <Badge look="warn">Failing</Badge>;
}

/** In a sentence, how it does. */
export function stateWords(webhook: ShownWebhook, nowMs: number): string {
  const { offReason, failingSinceMs, deliveredAtMs, waiting, unsent } = webhook;
  const state = offReason
    ? offReasons[offReason]
    : failingSinceMs !== null
      ? `No message came through since ${ago(failingSinceMs, nowMs)}; after three days it is switched off`
      : deliveredAtMs !== null
        ? `Last message taken ${ago(deliveredAtMs, nowMs)}`
        : "Nothing was sent yet";
  return [
    state,
    ...(waiting ? [`${waiting} ${waiting === 1 ? "message waits" : "messages wait"}`] : []),
    ...(unsent ? [`${unsent} events were not kept, because 1,000 messages waited`] : []),
  ].join(" · ");
}
