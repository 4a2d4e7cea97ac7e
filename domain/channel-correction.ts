import type { Direction, Kind, Medium, Phase, Quantity, Reporting, Role, Stamp } from "./channel.ts";
import { canonicalUnits, conversionOf, unitsFor } from "./units.ts";

/**
 * A person's correction of what a channel is. The stored values stay; what is said of them changes.
 * Worked: a field named `mains` was taken for custom; "it is a power, in kW" makes it a gauge in W with scale 1000.
 */

/** What is stored of a channel: canonical value = stored value x scale + shift. */
export interface Correctable {
  medium: Medium;
  quantity: Quantity;
  kind: Kind;
  unit: string | null;
  scale: number;
  shift: number;
  unitAssumed: boolean;
  direction: Direction | null;
  role: Role;
  isPrimary: boolean;
  minValue?: number | null | undefined;
  maxValue?: number | null | undefined;
}

/** What a person says. `unit` is the unit that the stored values are in; null: not known, so the quantity's own. */
export interface Correction {
  name?: string | undefined;
  medium?: Medium | undefined;
  quantity?: Quantity | undefined;
  kind?: Kind | undefined;
  unit?: string | null | undefined;
  direction?: Direction | null | undefined;
  role?: Role | undefined;
  isPrimary?: boolean | undefined;
  stamp?: Stamp | undefined;
  reporting?: Reporting | undefined;
  expectedIntervalS?: number | null | undefined;
  maxGapS?: number | null | undefined;
  maxPowerW?: number | null | undefined;
  registerMax?: number | null | undefined;
  restartsDaily?: boolean | undefined;
  phase?: Phase | null | undefined;
  tariffRegister?: string | null | undefined;
  /** A reading outside these is refused; in the channel's canonical unit. */
  minValue?: number | null | undefined;
  maxValue?: number | null | undefined;
}

/** What is wrong with a correction: which field, and what is expected there. */
export interface CorrectionFault {
  field: keyof Correction;
  message: string;
}

export type Corrected =
  { ok: true; changes: Partial<Correctable> & Omit<Correction, "unit"> } | { ok: false; faults: CorrectionFault[] };

/** Quantities that flow: they have a role at their site. */
const flows: ReadonlySet<Quantity> = new Set(["power", "energy", "volume"]);
/** Quantities that are counted: a register, or the amount of an interval. */
const counted: ReadonlySet<Quantity> = new Set(["energy", "reactive_energy", "volume"]);
const electric: ReadonlySet<Quantity> = new Set([
  ...(["power", "energy", "voltage", "current", "frequency"] as const),
  ...(["power_factor", "reactive_power", "reactive_energy", "apparent_power"] as const),
]);

/** Settles a correction against what the channel is now: everything that follows from it, or what is wrong with it. */
export function correctChannel(channel: Correctable, correction: Correction): Corrected {
  const faults: CorrectionFault[] = [];
  const quantity = correction.quantity ?? channel.quantity;
  const isNew = quantity !== channel.quantity;
  const { unit: _, ...rest } = correction;
  const changes: Partial<Correctable> & Omit<Correction, "unit"> = { ...rest };
  if (isNew) Object.assign(changes, followsFromQuantity(channel, quantity), definedOnly(rest));
  if (isNew || correction.unit !== undefined) {
    const settled = settleUnit(channel, quantity, correction.unit);
    if (settled.ok) Object.assign(changes, settled.unit);
    else faults.push({ field: "unit", message: settled.message });
  }
  const after = { ...channel, ...definedOnly(changes) };
  // What did not fit before is no reason to refuse another correction.
  const standing = new Set(faultsOf(channel, channel).map(({ message }) => message));
  faults.push(...faultsOf(channel, after).filter(({ message }) => !standing.has(message)));
  return faults.length ? { ok: false, faults } : { ok: true, changes };
}

/** What a new quantity brings along, where the person does not say otherwise. */
function followsFromQuantity(channel: Correctable, quantity: Quantity): Partial<Correctable> {
  const isFlow = flows.has(quantity);
  const kind = counted.has(quantity) && channel.kind === "gauge" ? "counter" : channel.kind;
  return {
    kind: counted.has(quantity) || quantity === "custom" || kind === "state" ? kind : "gauge",
    medium: electric.has(quantity) && channel.medium === "none" ? "electricity" : channel.medium,
    ...(isFlow && channel.direction === null && { direction: quantity === "power" ? "both" : "import" }),
    ...(!isFlow && { role: "none", isPrimary: false }),
  };
}

type UnitOfChannel = Pick<Correctable, "unit" | "scale" | "shift" | "unitAssumed">;
type SettledUnit = { ok: true; unit: UnitOfChannel } | { ok: false; message: string };

function settleUnit(channel: Correctable, quantity: Quantity, said: string | null | undefined): SettledUnit {
  const canonical = canonicalUnits[quantity];
  const plain = { scale: 1, shift: 0, unitAssumed: false };
  if (said === undefined) return { ok: true, unit: keepUnit(channel, canonical) };
  if (said === null) return { ok: true, unit: { ...plain, unit: canonical, unitAssumed: canonical !== null } };
  const conversion = conversionOf(said);
  if (!conversion && quantity === "custom") return { ok: true, unit: { ...plain, unit: said } };
  if (!conversion || (canonical !== null && conversion.canonical !== canonical) || quantity === "state") {
    return { ok: false, message: unitMessage(quantity, said, Boolean(conversion)) };
  }
  const { canonical: unit, multiply, divide, add } = conversion;
  return { ok: true, unit: { unit, scale: multiply / divide, shift: add, unitAssumed: false } };
}

/** A new quantity with the unit that is known already, where that fits it; else its own unit, assumed. */
function keepUnit({ unit, scale, shift, unitAssumed }: Correctable, canonical: string | null): UnitOfChannel {
  const conversion = unit === null ? undefined : conversionOf(unit);
  if (canonical === null) return { unit, scale, shift, unitAssumed };
  if (conversion?.canonical !== canonical) return { unit: canonical, scale: 1, shift: 0, unitAssumed: true };
  const factor = conversion.multiply / conversion.divide;
  return { unit: canonical, scale: scale * factor, shift: shift * factor + conversion.add, unitAssumed };
}

function unitMessage(quantity: Quantity, said: string, isKnown: boolean): string {
  const units = unitsFor(quantity);
  if (!units.length) return "a state has no unit";
  const why = isKnown
    ? `${said} is not a unit of ${quantity}`
    : `${JSON.stringify(said)} is not a unit that is known here`;
  return `${why}: expected one of ${units.join(", ")}`;
}

function faultsOf(before: Correctable, after: Correctable): CorrectionFault[] {
  const { quantity, kind } = after;
  const faults: CorrectionFault[] = [];
  if ((before.kind === "state") !== (kind === "state")) {
    const message =
      before.kind === "state"
        ? "what is stored are texts: they stay a state"
        : "what is stored are numbers: they cannot become a state";
    faults.push({ field: "kind", message });
  } else if ((quantity === "state") !== (kind === "state")) {
    faults.push({ field: "quantity", message: "the quantity state goes with the kind state" });
  } else if ((kind === "counter" || kind === "delta") && !counted.has(quantity) && quantity !== "custom") {
    faults.push({ field: "kind", message: `${quantity} is a momentary value: expected the kind gauge` });
  }
  if (after.role !== "none" && !flows.has(quantity)) {
    faults.push({
      field: "role",
      message: `only power, energy and volume have a role at their site: expected none for ${quantity}`,
    });
  }
  if (after.isPrimary && after.role === "none") {
    faults.push({ field: "isPrimary", message: "a channel without a role counts for nothing: give it a role first" });
  }
  const { minValue, maxValue } = after;
  if (minValue != null && maxValue != null && minValue >= maxValue) {
    faults.push({ field: "minValue", message: "the lowest value must be below the highest" });
  }
  return faults;
}

function definedOnly<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The unit that the stored values are in, as far as one has this scale and shift; null: unknown, or none has. */
export function storedUnit({ unit, scale, shift }: Pick<Correctable, "unit" | "scale" | "shift">): string | null {
  if (unit === null || (scale === 1 && shift === 0)) return unit;
  const names = unitsFor("custom");
  return names.find((name) => fits(name, unit, scale, shift)) ?? null;
}

function fits(name: string, unit: string, scale: number, shift: number): boolean {
  const conversion = conversionOf(name);
  return (
    conversion?.canonical === unit && conversion.multiply / conversion.divide === scale && conversion.add === shift
  );
}
