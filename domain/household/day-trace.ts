/**
 * One UTC day of the house on a grid of 10 seconds, each cell a whole number of watts. Every value of every sampling comes
 * from this grid, and registers are sums over it, so that they agree exactly: whole watts times whole cells add up without
 * rounding.
 */
import { clamp } from "./random.ts";
import type { Run } from "./run.ts";

export const cellMs = 10_000;
export const cellsOfDay = 8_640;
export const traceMs = cellMs * cellsOfDay;

/** What is measured in the house, each never negative. load = import - export + pv in every cell. */
export const flows = ["load", "pv", "import", "export", "heatPump", "washingMachine", "car"] as const;
export type Flow = (typeof flows)[number];

/** Flows that are made of others. */
type Source = Exclude<Flow, "load" | "import" | "export"> | "household";

export interface DayTrace {
  /** Watts in each cell. */
  power: Record<Flow, Int32Array>;
  /** Watt-cells from the day's start to each cell's start; one more than cells, the last is the day's total. */
  sums: Record<Flow, Int32Array>;
}

/** What happens in a day; runs may begin before it and end after it. */
export interface DayParts {
  startMs: number;
  runs: Record<"household" | "washingMachine" | "heatPump" | "car", readonly Run[]>;
  /** Always there, in every cell: W by instant. */
  baseLoad: (ms: number) => number;
  heating: (ms: number) => number;
  /** Sampled once a minute and joined by lines. */
  pv: (ms: number) => number;
  washingMachineStandbyW: number;
  carStandbyW: number;
}

export function traceOf(parts: DayParts): DayTrace {
  const { startMs } = parts;
  const source: Record<Source, Float64Array> = {
    household: filled(startMs, parts.baseLoad),
    heatPump: filled(startMs, parts.heating),
    washingMachine: new Float64Array(cellsOfDay).fill(parts.washingMachineStandbyW),
    car: new Float64Array(cellsOfDay).fill(parts.carStandbyW),
    pv: linesBetweenMinutes(startMs, parts.pv),
  };
  for (const name of ["household", "washingMachine", "car"] as const) {
    for (const run of parts.runs[name]) add(source[name], startMs, run);
  }
  // Hot water comes before heating: while it is made, the house waits.
  for (const run of parts.runs.heatPump) replace(source.heatPump, startMs, run);
  return meter(source);
}

function meter(source: Record<Source, Float64Array>): DayTrace {
  const trace: DayTrace = { power: records(cellsOfDay), sums: records(cellsOfDay + 1) };
  const { power, sums } = trace;
  for (let cell = 0; cell < cellsOfDay; cell++) {
    const heatPump = Math.round(source.heatPump[cell]!);
    const washingMachine = Math.round(source.washingMachine[cell]!);
    const car = Math.round(source.car[cell]!);
    const pv = Math.round(source.pv[cell]!);
    const load = Math.round(source.household[cell]!) + heatPump + washingMachine + car;
    power.heatPump[cell] = heatPump;
    power.washingMachine[cell] = washingMachine;
    power.car[cell] = car;
    power.pv[cell] = pv;
    power.load[cell] = load;
    power.import[cell] = Math.max(0, load - pv);
    power.export[cell] = Math.max(0, pv - load);
  }
  for (const flow of flows) accumulate(power[flow], sums[flow]);
  return trace;
}

function accumulate(power: Int32Array, sums: Int32Array): void {
  let sum = 0;
  for (let cell = 0; cell < power.length; cell++) sums[cell + 1] = sum += power[cell]!;
}

function records(length: number): Record<Flow, Int32Array> {
  return Object.fromEntries(flows.map((flow) => [flow, new Int32Array(length)])) as Record<Flow, Int32Array>;
}

function filled(startMs: number, power: (ms: number) => number): Float64Array {
  const cells = new Float64Array(cellsOfDay);
  for (let cell = 0; cell < cellsOfDay; cell++) cells[cell] = power(startMs + cell * cellMs);
  return cells;
}

function linesBetweenMinutes(startMs: number, power: (ms: number) => number): Float64Array {
  const cells = new Float64Array(cellsOfDay);
  let left = power(startMs);
  for (let cell = 0; cell < cellsOfDay; cell += 6) {
    const right = power(startMs + (cell + 6) * cellMs);
    if (left !== 0 || right !== 0) {
      for (let k = 0; k < 6; k++) cells[cell + k] = left + ((right - left) * k) / 6;
    }
    left = right;
  }
  return cells;
}

/** The cells that a run covers, cut to the day; its edges are laid on cell edges. */
function cellsOf(startMs: number, { fromMs, toMs }: Run): [number, number] {
  const cell = (ms: number) => clamp(Math.round((ms - startMs) / cellMs), 0, cellsOfDay);
  return [cell(fromMs), cell(toMs)];
}

function add(cells: Float64Array, startMs: number, run: Run): void {
  const [from, to] = cellsOf(startMs, run);
  for (let cell = from; cell < to; cell++) cells[cell]! += run.watts;
}

function replace(cells: Float64Array, startMs: number, run: Run): void {
  const [from, to] = cellsOf(startMs, run);
  cells.fill(run.watts, from, to);
}
