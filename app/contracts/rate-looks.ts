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
  "bg-[repeating-linear-gradient(45deg,transparent_0_6px,rgb(0_0_0/0.16)_6px_8px)]",
  "bg-[radial-gradient(rgb(255_255_255/0.22)_1.5px,transparent_2px)] bg-[length:8px_8px]",
  "bg-[repeating-linear-gradient(0deg,transparent_0_5px,rgb(0_0_0/0.16)_5px_7px)]",
];

export interface RateLook {
  className: string;
  letter: string;
}

export function rateLook(index: number): RateLook {
  if (index < 0) return { className: "bg-transparent text-slate-600", letter: "–" };
  return {
    className: `${hues[index % hues.length]} ${patterns[index % patterns.length]}`,
    letter: String.fromCharCode(65 + (index % 26)),
  };
}
