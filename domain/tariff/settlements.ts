import { localDay, type DayNumber } from "../local-time/civil-day.ts";
import type { ComponentOf } from "./component-schema.ts";
import { intersection, scopePeriod, scopesOf, type BillingCalendar, type Period } from "./scope.ts";
import type { Tariff } from "./tariff.ts";

/**
 * The settlements of net metering through the versions of a contract. A version that only has other prices settles on; one that
 * settles otherwise (other periods, other rates) ends the settlement that is open, and takes over what is in the bank.
 */
export type Netted = ComponentOf<"energy" | "levy">;

/** When a version of the contract holds, whether or not it has net metering. */
export interface VersionTime extends Period {
  tariff: Tariff;
}

/** What a version says of a component whose energy is set off. */
export interface NettingRules {
  tariff: Tariff;
  net: ComponentOf<"net-metering">;
  of: Netted;
}

export interface Settlement extends Period {
  /** Where its month or billing period begins, or the version that settles so. */
  beginsOn: DayNumber;
  /** The rules at its beginning, and those at its end. */
  opens: NettingRules;
  closes: NettingRules;
}

interface Asked {
  /** Which of the components that are set off. */
  index: number;
  calendar: BillingCalendar;
  /** What is known begins here, and what is billed ends here. */
  sinceMs: number;
  untilMs: number;
}

/** The components before it that net metering sets off. */
export function nettedBy({ components }: Tariff, net: ComponentOf<"net-metering">): Netted[] {
  const before = components.slice(
    0,
    components.findIndex(({ id }) => id === net.id),
  );
  return before.filter(
    (c): c is Netted => (c.type === "energy" || c.type === "levy") && (net.on === undefined || net.on.includes(c.id)),
  );
}

/**
 * The settlements of a component up to the end of what is billed, ascending; an end may lie beyond it.
 * @param own the version that is billed, one of `versions`.
 */
export function settlementsOf(
  versions: readonly VersionTime[],
  own: VersionTime,
  net: ComponentOf<"net-metering">,
  { index, calendar, sinceMs, untilMs }: Asked,
): Settlement[] {
  return runsOf(versions, own, net, index).flatMap((run) => {
    const [{ rules: first, fromMs }] = run as [Ruled];
    const { toMs } = run.at(-1)!;
    const within = { fromMs: Math.max(fromMs, sinceMs), toMs: Math.min(toMs, untilMs) };
    const at = (ms: number) => run.findLast((ruled) => ruled.fromMs <= ms)!.rules;
    return scopesOf(first.net.every, within, first.tariff.billing, calendar).flatMap((scope) => {
      const whole = scopePeriod(scope, calendar.timezone);
      const settled = intersection(whole, { fromMs: within.fromMs, toMs });
      if (settled === null) return [];
      const beginsOn = localDay(calendar.timezone, Math.max(whole.fromMs, fromMs));
      return [{ ...settled, beginsOn, opens: at(settled.fromMs), closes: at(settled.toMs - 1) }];
    });
  });
}

interface Ruled extends Period {
  rules: NettingRules;
}

/** The versions with net metering that lead to the own one without a break, and those after it that settle on; alike ones together. */
function runsOf(
  versions: readonly VersionTime[],
  own: VersionTime,
  net: ComponentOf<"net-metering">,
  index: number,
): Ruled[][] {
  const runs: Ruled[][] = [];
  for (const version of versions) {
    const rules = rulesOf(version.tariff, net, index);
    const open = runs.at(-1);
    const goesOn = rules !== null && open !== undefined && settlesAlike(open.at(-1)!.rules, rules);
    if (version.fromMs > own.fromMs && !goesOn) break;
    if (rules === null) runs.length = 0;
    else if (goesOn) open.push({ ...version, rules });
    else runs.push([{ ...version, rules }]);
  }
  return runs;
}

/** null: the version has no net metering. A component that has another id there is found by its place. */
function rulesOf(tariff: Tariff, { id }: ComponentOf<"net-metering">, index: number): NettingRules | null {
  const nets = tariff.components.filter((c) => c.type === "net-metering");
  const net = nets.find((c) => c.id === id) ?? nets[0];
  if (!net) return null;
  const netted = nettedBy(tariff, net);
  return { tariff, net, of: netted[Math.min(index, netted.length - 1)]! };
}

function settlesAlike(a: NettingRules, b: NettingRules): boolean {
  return shapeOf(a) === shapeOf(b);
}

function shapeOf({ tariff, net: { every }, of: { price } }: NettingRules): string {
  const rates = typeof price === "object" && price.kind === "time-of-use" ? price.rates : null;
  return JSON.stringify([
    every,
    every === "billing-period" && tariff.billing,
    rates && [rates.map(({ name, when }) => [name, when]), tariff.seasons, tariff.holidays, tariff.dayLists],
  ]);
}
