/** How far something is: a bar, and the number beside it. `share`: 0 to 1. */
export function Progress({ label, share }: { label: string; share: number }) {
  const percent = Math.min(100, Math.floor(share * 100));
  return (
    <div className="flex items-center gap-3 text-sm tabular-nums">
      <progress
        aria-label={label}
        value={percent}
        max={100}
        className="h-2 w-full overflow-hidden rounded-full [&::-moz-progress-bar]:bg-emerald-600 [&::-webkit-progress-bar]:bg-slate-200 [&::-webkit-progress-value]:bg-emerald-600 dark:[&::-webkit-progress-bar]:bg-slate-700 dark:[&::-webkit-progress-value]:bg-emerald-500"
      />
      <span className="w-12 text-right">{percent} %</span>
    </div>
  );
}
