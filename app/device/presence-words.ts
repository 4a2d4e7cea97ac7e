import type { Presence, Presented } from "../../domain/health/presence.ts";

/** How a presence is called, and how it looks. */
export const presenceWords: Record<Presence, { word: string; look: "good" | "warn" | "bad" | "plain" }> = {
  online: { word: "Online", look: "good" },
  silent: { word: "Silent", look: "warn" },
  offline: { word: "Offline", look: "bad" },
  never: { word: "Waiting", look: "plain" },
};

export interface Heard extends Presented {
  lastHeardMs: number | null;
}

/** What was loaded a while ago, as it is now: a reading that came since, or a silence that grew too long. */
export function presenceNow({ presence, missedFromMs, lastHeardMs }: Heard, heardMs: number, nowMs: number): Presence {
  const isNewer = heardMs > (lastHeardMs ?? 0);
  if (!isNewer && presence !== "online") return presence;
  const missedMs =
    missedFromMs === null || lastHeardMs === null ? null : missedFromMs + Math.max(0, heardMs - lastHeardMs);
  return missedMs !== null && nowMs > missedMs ? "silent" : "online";
}
