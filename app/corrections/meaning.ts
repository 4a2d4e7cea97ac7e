import type { ChannelPatch, ChannelRow } from "../../db/channels.ts";
import type { Meaning } from "./preview.server.ts";

const meanings = [
  ...(["kind", "quantity", "unit", "scale", "shift", "direction", "stamp", "reporting"] as const),
  ...(["expectedIntervalS", "maxGapS", "maxPowerW", "registerMax", "restartsDaily"] as const),
];

/** What of a change makes something else of the stored readings; null: nothing does. */
export function meaningOf(channel: ChannelRow, changes: ChannelPatch): Meaning | null {
  const changed = meanings.filter((name) => changes[name] !== undefined && changes[name] !== channel[name]);
  return changed.length ? Object.fromEntries(changed.map((name) => [name, changes[name]])) : null;
}
