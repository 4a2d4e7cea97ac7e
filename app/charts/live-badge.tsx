import { WifiOff } from "lucide-react";
import type { LiveState } from "./use-live.ts";

/** Whether the page shows what is, or what was. */
export function LiveBadge({ state }: { state: LiveState }) {
  const isLive = state === "live";
  return (
    <span
      role="status"
      className={`inline-flex items-center gap-2 text-sm font-medium ${isLive ? "text-emerald-700 dark:text-emerald-400" : "text-slate-500 dark:text-slate-400"}`}
    >
      <span aria-hidden className="relative flex h-2.5 w-2.5">
        {isLive && (
          <span className="absolute inline-flex h-full w-full rounded-full bg-emerald-500 opacity-50 motion-safe:animate-ping" />
        )}
        <span
          className={`relative inline-flex h-2.5 w-2.5 rounded-full ${isLive ? "bg-emerald-600 dark:bg-emerald-400" : "bg-slate-400"}`}
        />
      </span>
      {isLive ? "Live" : state === "lost" ? "Reconnecting …" : "Connecting …"}
    </span>
  );
}

/** Says that the values stand still while the connection is gone. */
export function LostBanner({ state }: { state: LiveState }) {
  if (state !== "lost") return null;
  return (
    <p
      role="alert"
      className="mb-4 flex items-center gap-2 rounded-lg border border-amber-300 bg-amber-50 px-3 py-2 text-sm text-amber-900 dark:border-amber-800 dark:bg-amber-950 dark:text-amber-200"
    >
      <WifiOff className="h-4 w-4 shrink-0" aria-hidden />
      The connection is lost: values stand still. Reconnecting …
    </p>
  );
}
