import { meaningFields, type ChannelPatch, type ChannelRow } from "../../db/channels.ts";
import { frozenEffect } from "../../domain/retention.ts";
import type { Meaning } from "../corrections/preview.server.ts";

/** What of a change makes something else of the stored readings; null: nothing does. */
export function meaningOf(channel: ChannelRow, changes: ChannelPatch): Meaning | null {
  const changed = meaningFields.filter((name) => changes[name] !== undefined && changes[name] !== channel[name]);
  return changed.length ? Object.fromEntries(changed.map((name) => [name, changes[name]])) : null;
}

export interface FrozenFault {
  /** Refused for good, or until somebody says that frozen time may stay as it is. */
  effect: "refused" | "stays";
  /** As a sentence without its first capital and its full stop. */
  message: string;
}

/**
 * Why a channel with frozen buckets cannot be changed so, or not without a word: they stay as they are (docs/decisions/0016).
 * @returns null: nothing is frozen, or nothing of it would be another figure.
 */
export function frozenFault(channel: ChannelRow, changes: ChannelPatch): FrozenFault | null {
  const meaning = meaningOf(channel, changes);
  if (channel.frozenBeforeMs === null || !meaning) return null;
  const effect = frozenEffect(Object.keys(meaning));
  const before = new Date(channel.frozenBeforeMs).toISOString();
  const unit = channel.unit ?? "no unit";
  const message =
    effect === "refused"
      ? `expected ${channel.quantity} in ${unit} to stay: what was stored before ${before} is frozen in it, as raw readings of then are kept no longer. Something else that is measured is a new channel`
      : `what was stored before ${before} is frozen, as raw readings of then are kept no longer: it would stay as it was computed, and only what comes after would change`;
  return { effect, message };
}
