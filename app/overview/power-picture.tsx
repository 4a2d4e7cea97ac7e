import type { Formats } from "../charts/formats.ts";
import type { PowerNow } from "../../domain/site/power-now.ts";

/** Power now, big, and where it comes from and goes to. */
export function PowerPicture({ now, formats }: { now: PowerNow; formats: Formats }) {
  const isKnown = now.asOfMs !== null;
  return (
    <div>
      <p className="text-sm font-medium text-slate-500 dark:text-slate-400">{now.hasGrid || !now.hasProduction ? "Using now" : "Now"}</p>
      <p className="mt-1 text-5xl font-semibold tabular-nums tracking-tight" data-testid="power-now" aria-live="off">
        {isKnown ? formats.power(now.consumptionW) : "–"}
      </p>
      <p className="mt-2 text-slate-600 dark:text-slate-300">{isKnown ? inWords(now, formats) : "No fresh reading of power."}</p>
      {isKnown && (now.hasProduction || now.hasBattery) && <FlowPicture now={now} formats={formats} />}
    </div>
  );
}

function inWords({ importW, exportW, productionW, hasGrid, hasProduction }: PowerNow, formats: Formats): string {
  if (!hasGrid) return hasProduction ? `The sun gives ${formats.power(productionW)}.` : "All of your devices together.";
  if (exportW > 0) return `${formats.power(exportW)} go to the grid; the sun covers all you use.`;
  if (hasProduction && productionW > 0) return `${formats.power(importW)} from the grid, ${formats.power(productionW)} from the sun.`;
  return `${formats.power(importW)} from the grid.`;
}

const node = "flex flex-col items-center rounded-xl bg-slate-50 px-3 py-2.5 dark:bg-slate-800";

/** Sun, grid, battery and home with what flows; the moving dashes show the direction. */
function FlowPicture({ now, formats }: { now: PowerNow; formats: Formats }) {
  const parts = [
    { name: "Sun", watts: now.productionW, isIn: true, isShown: now.hasProduction, color: "text-amber-500" },
    { name: now.exportW > 0 ? "To the grid" : "From the grid", watts: now.importW || now.exportW, isIn: now.exportW === 0, isShown: now.hasGrid, color: "text-blue-500" },
    { name: now.batteryW > 0 ? "Into the battery" : "From the battery", watts: Math.abs(now.batteryW), isIn: now.batteryW <= 0, isShown: now.hasBattery, color: "text-violet-500" },
  ].filter((part) => part.isShown);
  return (
    <div className="mt-5 grid gap-2" style={{ gridTemplateColumns: `repeat(${parts.length}, minmax(0, 1fr))` }}>
      {parts.map(({ name, watts, isIn, color }) => (
        <div key={name} className={node}>
          <svg viewBox="0 0 60 10" className={`h-3 w-16 ${color}`} aria-hidden>
            <line x1="2" y1="5" x2="58" y2="5" stroke="currentColor" strokeWidth="3" strokeLinecap="round" strokeDasharray="6 6" opacity={watts > 0 ? 1 : 0.25}>
              {watts > 0 && <animate attributeName="stroke-dashoffset" from={isIn ? 12 : 0} to={isIn ? 0 : 12} dur="1s" repeatCount="indefinite" />}
            </line>
          </svg>
          <span className="mt-1 text-sm font-semibold tabular-nums">{formats.power(watts)}</span>
          <span className="text-xs text-slate-500 dark:text-slate-400">{name}</span>
        </div>
      ))}
    </div>
  );
}
