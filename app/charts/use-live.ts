import { useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";

export type LiveState = "connecting" | "live" | "lost";

export interface LiveOptions {
  siteId: string;
  onValues?: (values: [channelId: number, timeMs: number, value: number | string][]) => void;
  /** Recomputed buckets, a device's news, or a connection that came back: what the page loaded is old. At most every `everyMs`. */
  revalidate?: ("rollups" | "device")[];
  everyMs?: number;
}

/** A site's live events in the browser. Reconnects by itself and then loads the page's data anew. */
export function useLive({ siteId, onValues, revalidate = [], everyMs = 2_000 }: LiveOptions): LiveState {
  const [state, setState] = useState<LiveState>("connecting");
  const revalidator = useRevalidator();
  const current = useRef({ onValues, revalidator });
  current.current = { onValues, revalidator };
  const wanted = revalidate.join();
  useEffect(() => {
    const source = new EventSource(`/sites/${siteId}/live`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wasLost = false;
    let last = 0;
    const reload = () => {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          last = Date.now();
          if (current.current.revalidator.state === "idle") current.current.revalidator.revalidate();
        },
        Math.max(0, last + everyMs - Date.now()),
      );
    };
    source.addEventListener("ready", () => {
      setState("live");
      if (wasLost) reload();
      wasLost = false;
    });
    source.addEventListener("latest", (event) => current.current.onValues?.(JSON.parse((event as MessageEvent<string>).data).values));
    source.addEventListener("refresh", reload);
    for (const name of wanted.split(",")) if (name) source.addEventListener(name, reload);
    source.onerror = () => {
      wasLost = true;
      setState("lost");
    };
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [siteId, wanted, everyMs]);
  return state;
}
