import { useMemo, useState } from "react";
import { useLive, type LiveState } from "../charts/use-live.ts";
import type { ShownChannel } from "./channel-list.tsx";

export interface LiveReading {
  timeMs: number;
  value: number | string;
}

/** Of each channel so many are kept for its chart. */
const mostKept = 2_000;
const firstReloadsMs = 1_000;
const reloadsMs = 10_000;

/** The loader's channels, kept up to date by the live events, and what came since the page was loaded. */
export function useLiveChannels(
  siteId: string,
  loaded: ShownChannel[],
): { channels: ShownChannel[]; live: ReadonlyMap<number, LiveReading[]>; state: LiveState } {
  const [live, setLive] = useState<ReadonlyMap<number, LiveReading[]>>(new Map());
  const state = useLive({
    siteId,
    revalidate: ["device", "rollups"],
    everyMs: loaded.length ? reloadsMs : firstReloadsMs,
    onValues: (values) =>
      setLive((before) => {
        const after = new Map(before);
        for (const [id, timeMs, value] of values) {
          const list = after.get(id) ?? [];
          if (timeMs > (list.at(-1)?.timeMs ?? -Infinity)) after.set(id, [...list.slice(-mostKept), { timeMs, value }]);
        }
        return after;
      }),
  });
  const channels = useMemo(
    () =>
      loaded.map((channel) => {
        const newest = live.get(channel.id)?.at(-1);
        if (!newest || newest.timeMs < (channel.latest?.timeMs ?? 0)) return channel;
        return {
          ...channel,
          latest: { ...newest, receivedMs: Math.max(newest.timeMs, channel.latest?.receivedMs ?? 0) },
        };
      }),
    [loaded, live],
  );
  return { channels, live, state };
}
