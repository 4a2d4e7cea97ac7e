/**
 * A household that is a function of time: occupants, heat pump, rooftop PV, an electric car and a grid meter. Given the
 * same seed and settings, an instant always has the same powers and the same registers, however densely it is looked at, so
 * that history and live values are one. Habits follow the wall clock of its zone.
 */
import { baseLoadOf } from "./base-load.ts";
import { instantAt, localDayOf } from "./calendar.ts";
import { cellMs, flows, traceMs, traceOf, type DayTrace, type Flow } from "./day-trace.ts";
import { electricCarOf } from "./electric-car.ts";
import { heatPumpOf } from "./heat-pump.ts";
import { peopleOf } from "./people.ts";
import { between, chanceOf } from "./random.ts";
import type { Run } from "./run.ts";
import { roofPower, type Roof } from "./solar-roof.ts";
import { weatherOf } from "./weather.ts";

export interface HouseholdSettings {
  seed: number;
  timezone: string;
  roof: Roof;
  /** What the house loses for each degree between inside and outside, W. */
  heatLossWPerK: number;
  /** The registers are first known here: a start of a UTC day. Before it they stand still. */
  sinceMs: number;
}

/** A house near Berlin with 7.5 kWp, a heat pump and an 11 kW wallbox. */
export function settingsFor(
  given: Pick<HouseholdSettings, "seed" | "sinceMs"> & Partial<HouseholdSettings>,
): HouseholdSettings {
  const roof = { latitude: 52.5, longitude: 13.4, kwp: 7.5, tiltDegrees: 35, azimuthDegrees: 12, inverterW: 7_000 };
  return { timezone: "Europe/Berlin", roof, heatLossWPerK: 120, ...given, sinceMs: startOfTrace(given.sinceMs) };
}

export interface Household {
  settings: HouseholdSettings;
  /** Power of a flow now, whole W, never negative. */
  power(flow: Flow, ms: number): number;
  /** A flow's energy since its meter was installed, kWh, as exact as the clock. Never falls. */
  register(flow: Flow, ms: number): number;
  /** A flow's energy of [fromMs, toMs), kWh. */
  energy(flow: Flow, fromMs: number, toMs: number): number;
  /** Degrees Celsius. */
  outsideC(ms: number): number;
}

const wattMsOfKwh = 3_600_000_000;
/** Days of the grid that are kept: readers move on, and look back to yesterday at most. */
const daysKept = 4;

export function createHousehold(settings: HouseholdSettings): Household {
  const traces = new Map<number, DayTrace>();
  const build = traceBuilder(settings);
  const totals = new RunningTotals(settings.sinceMs / traceMs, (day) => trace(day));
  const { outsideC } = build;

  function trace(day: number): DayTrace {
    let found = traces.get(day);
    if (found) return found;
    traces.set(day, (found = build.day(day)));
    if (traces.size > daysKept) traces.delete(traces.keys().next().value!);
    return found;
  }

  /** Watt-milliseconds since sinceMs. */
  function turned(flow: Flow, ms: number): number {
    if (ms <= settings.sinceMs) return 0;
    const day = Math.floor(ms / traceMs);
    const inDay = ms - day * traceMs;
    const cell = Math.floor(inDay / cellMs);
    const { power, sums } = trace(day);
    const whole = (totals.before(day)[flow] + sums[flow][cell]!) * cellMs;
    return whole + power[flow][cell]! * (inDay - cell * cellMs);
  }

  const starts = chanceOf(settings.seed, "registers");
  const startKwh = (flow: Flow) => Math.floor(between(starts(flows.indexOf(flow)), 900, 21_000) * 1000) / 1000;
  return {
    settings,
    power: (flow, ms) => trace(Math.floor(ms / traceMs)).power[flow][Math.floor((ms % traceMs) / cellMs)]!,
    register: (flow, ms) => startKwh(flow) + turned(flow, ms) / wattMsOfKwh,
    energy: (flow, fromMs, toMs) => (turned(flow, toMs) - turned(flow, fromMs)) / wattMsOfKwh,
    outsideC,
  };
}

const startOfTrace = (ms: number): number => Math.floor(ms / traceMs) * traceMs;

/** Watt-cells of each flow from the first day to the start of any later one: each day is added up once. */
class RunningTotals {
  #firstDay: number;
  #traceOf: (day: number) => DayTrace;
  #before: Record<Flow, number>[] = [];

  constructor(firstDay: number, traceOfDay: (day: number) => DayTrace) {
    this.#firstDay = firstDay;
    this.#traceOf = traceOfDay;
    this.#before.push(Object.fromEntries(flows.map((flow) => [flow, 0])) as Record<Flow, number>);
  }

  before(day: number): Record<Flow, number> {
    const index = day - this.#firstDay;
    for (let i = this.#before.length; i <= index; i++) {
      const { sums } = this.#traceOf(this.#firstDay + i - 1);
      const last = this.#before[i - 1]!;
      this.#before.push(
        Object.fromEntries(flows.map((flow) => [flow, last[flow] + sums[flow].at(-1)!])) as Record<Flow, number>,
      );
    }
    return this.#before[index]!;
  }
}

interface Plan {
  isAway: boolean;
  runs: Record<"household" | "washingMachine" | "heatPump" | "car", Run[]>;
}

/** Puts the parts of the house together for a UTC day. */
function traceBuilder({ seed, timezone, roof, heatLossWPerK }: HouseholdSettings) {
  const weather = weatherOf(seed, roof.longitude);
  const people = peopleOf(seed, timezone, roof);
  const heatPump = heatPumpOf(seed, weather, heatLossWPerK);
  const car = electricCarOf(seed);
  const baseLoad = baseLoadOf(seed);

  const plans = new Map<number, Plan>();

  function planOf(localDay: number): Plan {
    let plan = plans.get(localDay);
    if (plan) return plan;
    const day = people.day(localDay);
    const at = (minutes: number) => instantAt(timezone, localDay, minutes);
    const runs = {
      ...people.runs(localDay),
      heatPump: heatPump.hotWater(day, at, localDay),
      car: car(day, at, localDay),
    };
    plans.set(localDay, (plan = { isAway: day.isAway, runs }));
    if (plans.size > 2 * daysKept) plans.delete(plans.keys().next().value!);
    return plan;
  }

  function day(index: number): DayTrace {
    const startMs = index * traceMs;
    // What began on the local day before may still run; in the east a local day begins before UTC's.
    const first = localDayOf(timezone, startMs) - 1;
    const last = localDayOf(timezone, startMs + traceMs);
    const here = Array.from({ length: last - first + 1 }, (_, i) => planOf(first + i));
    const isAway = planOf(localDayOf(timezone, startMs + traceMs / 2)).isAway;
    const all = (name: keyof Plan["runs"]) => here.flatMap((plan) => plan.runs[name]);
    return traceOf({
      startMs,
      runs: {
        household: all("household"),
        washingMachine: all("washingMachine"),
        heatPump: all("heatPump"),
        car: all("car"),
      },
      baseLoad,
      heating: (ms) => heatPump.heating(ms, isAway),
      pv: (ms) => roofPower(roof, weather, ms),
      washingMachineStandbyW: 1,
      carStandbyW: 4,
    });
  }

  return { day, outsideC: weather.temperatureC };
}
