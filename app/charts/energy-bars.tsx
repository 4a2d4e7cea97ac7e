import { useId, useState } from "react";

export interface EnergyBar {
  startMs: number;
  label: string;
  /** What a person hears and reads of this bar: "Monday 3 March: 12.4 kWh, 98 % known". */
  title: string;
  kwh: number;
  estimatedKwh: number;
  completeness: number;
}

const height = 180;

/**
 * Energy by days or months. The estimated part is hatched, an incomplete bar is paler; a bar that is pointed at or chosen says its
 * figures below.
 */
export function EnergyBars({ bars, unit = "kWh" }: { bars: EnergyBar[]; unit?: string }) {
  const hatch = useId();
  const [chosen, setChosen] = useState<number | null>(null);
  const top = niceTop(Math.max(...bars.map((bar) => bar.kwh), 0));
  const shown = bars.find((bar) => bar.startMs === chosen);
  const every = bars.length > 12 ? 5 : 1;
  return (
    <figure>
      <div className="flex">
        <div className="flex flex-col justify-between pb-6 pr-2 text-right text-xs text-slate-500 dark:text-slate-400" style={{ height: height + 24 }}>
          <span>
            {top} {unit}
          </span>
          <span>{top / 2}</span>
          <span>0</span>
        </div>
        <div className="relative flex min-w-0 flex-1 items-end gap-[2px] sm:gap-1" onMouseLeave={() => setChosen(null)}>
          <div aria-hidden className="pointer-events-none absolute inset-x-0 top-0 border-t border-slate-200 dark:border-slate-800" />
          <div aria-hidden className="pointer-events-none absolute inset-x-0 border-t border-slate-200 dark:border-slate-800" style={{ top: height / 2 }} />
          {bars.map((bar, i) => (
            <button
              key={bar.startMs}
              type="button"
              aria-label={bar.title}
              onMouseEnter={() => setChosen(bar.startMs)}
              onFocus={() => setChosen(bar.startMs)}
              onClick={() => setChosen(bar.startMs)}
              className="group flex min-w-0 flex-1 flex-col justify-end rounded-t"
              style={{ height: height + 24 }}
            >
              <svg className="w-full rounded-t" height={Math.max(bar.kwh > 0 ? 2 : 0, (bar.kwh / top) * height)} preserveAspectRatio="none" aria-hidden>
                <defs>
                  <pattern id={`${hatch}-${i}`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect width="6" height="6" className="fill-emerald-200 dark:fill-emerald-950" />
                    <rect width="3" height="6" className="fill-emerald-500 dark:fill-emerald-600" />
                  </pattern>
                </defs>
                <rect
                  width="100%"
                  height="100%"
                  className={`fill-emerald-600 group-hover:fill-emerald-700 dark:fill-emerald-500 ${bar.completeness < 0.98 ? "opacity-60" : ""}`}
                />
                {bar.estimatedKwh > 0 && <rect width="100%" height={`${(100 * bar.estimatedKwh) / bar.kwh}%`} fill={`url(#${hatch}-${i})`} />}
              </svg>
              <span className="flex h-6 justify-center overflow-visible whitespace-nowrap pt-1.5 text-xs text-slate-500 dark:text-slate-400">
                {i % every === 0 ? bar.label : ""}
              </span>
            </button>
          ))}
        </div>
      </div>
      <figcaption className="mt-2 min-h-10 text-sm text-slate-600 dark:text-slate-300" aria-live="polite">
        {shown?.title ?? "Point at a bar, or tap it, for its figures."}
      </figcaption>
    </figure>
  );
}

/** The next of 1, 2, 5 times a power of ten. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map((n) => n * power).find((n) => n >= value)!;
}
