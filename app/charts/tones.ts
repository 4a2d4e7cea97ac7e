/** What a colour stands for. Told apart by colour-blind people too: they differ in lightness as well as in hue. */
export type Tone = FlowTone | CostTone;
/** Where energy comes from or goes to. */
export type FlowTone = "use" | "sun" | "battery" | "grid" | "export" | "charge";
/** What money is for. */
export type CostTone = "energy" | "levies" | "standing" | "demand" | "income";

/** Whole class names, so that the style sheet has them. */
export const tones: Record<Tone, { name: string; bg: string; fill: string; stroke: string; text: string }> = {
  use: {
    name: "Used",
    bg: "bg-emerald-600 dark:bg-emerald-500",
    fill: "fill-emerald-600 dark:fill-emerald-500",
    stroke: "stroke-emerald-600 dark:stroke-emerald-400",
    text: "text-emerald-600 dark:text-emerald-400",
  },
  sun: {
    name: "From the sun",
    bg: "bg-amber-400",
    fill: "fill-amber-400",
    stroke: "stroke-amber-500 dark:stroke-amber-400",
    text: "text-amber-500 dark:text-amber-400",
  },
  battery: {
    name: "From the battery",
    bg: "bg-fuchsia-700 dark:bg-fuchsia-500",
    fill: "fill-fuchsia-700 dark:fill-fuchsia-500",
    stroke: "stroke-fuchsia-700 dark:stroke-fuchsia-400",
    text: "text-fuchsia-700 dark:text-fuchsia-400",
  },
  grid: {
    name: "From the grid",
    bg: "bg-sky-600 dark:bg-sky-500",
    fill: "fill-sky-600 dark:fill-sky-500",
    stroke: "stroke-sky-600 dark:stroke-sky-400",
    text: "text-sky-600 dark:text-sky-400",
  },
  export: {
    name: "To the grid",
    bg: "bg-slate-400 dark:bg-slate-500",
    fill: "fill-slate-400 dark:fill-slate-500",
    stroke: "stroke-slate-500 dark:stroke-slate-400",
    text: "text-slate-500 dark:text-slate-400",
  },
  charge: {
    name: "Into the battery",
    bg: "bg-fuchsia-300 dark:bg-fuchsia-900",
    fill: "fill-fuchsia-300 dark:fill-fuchsia-900",
    stroke: "stroke-fuchsia-400",
    text: "text-fuchsia-500",
  },
  energy: {
    name: "Energy",
    bg: "bg-sky-600 dark:bg-sky-500",
    fill: "fill-sky-600 dark:fill-sky-500",
    stroke: "stroke-sky-600 dark:stroke-sky-400",
    text: "text-sky-600 dark:text-sky-400",
  },
  levies: {
    name: "Levies and taxes",
    bg: "bg-slate-400 dark:bg-slate-500",
    fill: "fill-slate-400 dark:fill-slate-500",
    stroke: "stroke-slate-500 dark:stroke-slate-400",
    text: "text-slate-500 dark:text-slate-400",
  },
  standing: {
    name: "Standing charges",
    bg: "bg-fuchsia-700 dark:bg-fuchsia-500",
    fill: "fill-fuchsia-700 dark:fill-fuchsia-500",
    stroke: "stroke-fuchsia-700 dark:stroke-fuchsia-400",
    text: "text-fuchsia-700 dark:text-fuchsia-400",
  },
  demand: {
    name: "Peak power",
    bg: "bg-rose-500 dark:bg-rose-400",
    fill: "fill-rose-500 dark:fill-rose-400",
    stroke: "stroke-rose-500 dark:stroke-rose-400",
    text: "text-rose-500 dark:text-rose-400",
  },
  income: {
    name: "Feed-in and credits",
    bg: "bg-amber-400",
    fill: "fill-amber-400",
    stroke: "stroke-amber-500 dark:stroke-amber-400",
    text: "text-amber-500 dark:text-amber-400",
  },
};

/** Which parts a site's charts have. */
export function tonesOf({
  hasConsumption,
  hasGrid,
  hasProduction,
  hasBattery,
}: {
  hasConsumption: boolean;
  hasGrid: boolean;
  hasProduction: boolean;
  hasBattery: boolean;
}): { up: FlowTone[]; down: FlowTone[] } {
  if (!hasConsumption) return { up: ["sun"], down: [] };
  if (!hasGrid || (!hasProduction && !hasBattery)) return { up: ["use"], down: [] };
  return {
    up: [...(hasProduction ? (["sun"] as const) : []), ...(hasBattery ? (["battery"] as const) : []), "grid"],
    down: [...(hasBattery ? (["charge"] as const) : []), ...(hasProduction ? (["export"] as const) : [])],
  };
}
