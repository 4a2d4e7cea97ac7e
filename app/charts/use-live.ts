import { useFetchers, useNavigation, useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";

export type LiveState = "connecting" | "live" | "lost";
export type LiveValue = [channelId: number, timeMs: number, value: number | string];

export interface LiveOptions {
  siteId: string;
  onValues?: (values: LiveValue[]) => void;
  /** Recomputed buckets or a device's news make what the page loaded old; so does a connection that came back. */
  revalidate?: ("rollups" | "device")[];
  /** The page loads anew at most this often. */
  everyMs?: number;
}

/** The server is heard every 15 s; a connection that is silent for longer than this is dead, whatever the browser thinks. */
const silentMs = 40_000;
const longestWaitMs = 30_000;

/** A site's live events in the browser. Connects again by itself, and then loads the page's data anew. */
export function useLive({ siteId, onValues, revalidate = [], everyMs = 2_000 }: LiveOptions): LiveState {
  const [state, setState] = useState<LiveState>("connecting");
  const revalidator = useRevalidator();
  const { state: navigation } = useNavigation();
  const fetchers = useFetchers();
  // To load anew would abort what a form that was just sent is loading.
  const isBusy = [{ state: navigation }, revalidator, ...fetchers].some(({ state }) => state !== "idle");
  const current = useRef({ onValues, revalidator, isBusy, everyMs });
  current.current = { onValues, revalidator, isBusy, everyMs };
  const wanted = revalidate.join();
  useEffect(() => {
    const reloading = reloadSometimes(() => current.current);
    const connection = keepConnected(`/sites/${siteId}/live`, {
      onState: setState,
      onBack: reloading.ask,
      events: {
        latest: (data) => current.current.onValues?.((data as { values: LiveValue[] }).values),
        refresh: reloading.ask,
        ...Object.fromEntries(
          wanted
            .split(",")
            .filter(Boolean)
            .map((name) => [name, reloading.ask]),
        ),
      },
    });
    return () => {
      reloading.stop();
      connection.stop();
    };
  }, [siteId, wanted]);
  return state;
}

interface Reloads {
  revalidator: { revalidate(): unknown };
  /** Something is being loaded or sent. */
  isBusy: boolean;
  everyMs: number;
}

/** At once when it was long ago, else as soon as it is time; never two at a time, and never lost. */
function reloadSometimes(read: () => Reloads) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastMs = -Infinity;
  const ask = () => (timer ??= setTimeout(run, Math.max(0, lastMs + read().everyMs - Date.now())));
  const run = () => {
    timer = undefined;
    const { revalidator, isBusy } = read();
    if (isBusy) {
      timer = setTimeout(run, 250);
      return;
    }
    lastMs = Date.now();
    revalidator.revalidate();
  };
  return { ask: () => void ask(), stop: () => clearTimeout(timer) };
}

interface ConnectionOptions {
  onState: (state: LiveState) => void;
  /** It was lost, and is here again. */
  onBack: () => void;
  events: Record<string, (data: unknown) => void>;
}

function keepConnected(url: string, { onState, onBack, events }: ConnectionOptions) {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let waitMs = 2_000;
  let heardMs = Date.now();
  let wasLost = false;
  const lose = () => {
    wasLost = true;
    onState("lost");
  };
  const open = () => {
    source?.close();
    heardMs = Date.now();
    source = new EventSource(url);
    source.addEventListener("ready", () => {
      waitMs = 2_000;
      heardMs = Date.now();
      onState("live");
      if (wasLost) onBack();
      wasLost = false;
    });
    source.addEventListener("beat", () => (heardMs = Date.now()));
    for (const [name, hear] of Object.entries(events)) {
      source.addEventListener(name, (event) => {
        heardMs = Date.now();
        hear(JSON.parse((event as MessageEvent<string>).data));
      });
    }
    source.onerror = () => {
      lose();
      // The browser gives up on an answer that is no stream (a restart's 502, a login that ran out).
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(retry);
      retry = setTimeout(open, waitMs);
      waitMs = Math.min(longestWaitMs, waitMs * 2);
    };
  };
  const watch = () => {
    if (Date.now() - heardMs < silentMs) return;
    lose();
    open();
  };
  open();
  const watchdog = setInterval(watch, 10_000);
  document.addEventListener("visibilitychange", watch);
  return {
    stop() {
      clearTimeout(retry);
      clearInterval(watchdog);
      document.removeEventListener("visibilitychange", watch);
      source?.close();
    },
  };
}
