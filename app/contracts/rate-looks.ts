/** How rates are told apart: by hue, lightness and pattern, and by a letter for whoever sees neither. Whole class names. */
const hues = [
  "bg-sky-700 text-white",
  "bg-amber-300 text-slate-900",
  "bg-emerald-700 text-white",
  "bg-rose-300 text-slate-900",
  "bg-violet-700 text-white",
  "bg-slate-300 text-slate-900",
];

const patterns = [
  "",
  "repeating-linear-gradient(45deg, transparent 0 6px, rgb(0 0 0 / 0.16) 6px 8px)",
  "radial-gradient(rgb(255 255 255 / 0.22) 1.5px, transparent 2px)",
  "repeating-linear-gradient(0deg, transparent 0 5px, rgb(0 0 0 / 0.16) 5px 7px)",
];

export interface RateLook {
  className: string;
  style: { backgroundImage?: string; backgroundSize?: string };
  letter: string;
}

export function rateLook(index: number): RateLook {
  if (index < 0) return { className: "bg-transparent text-slate-600", style: {}, letter: "–" };
  const pattern = patterns[index % patterns.length]!;
  return {
    className: hues[index % hues.length]!,
    style: pattern
      ? { backgroundImage: pattern, ...(pattern.startsWith("radial") && { backgroundSize: "8px 8px" }) }
      : {},
    letter: String.fromCharCode(65 + (index % 26)),
  };
}
