/**
 * The words of a channel: one measured quantity of one device.
 * Source of the vocabulary: the rules of energy, section 1 (docs/ARCHITECTURE.md has the glossary).
 */
export const media = ["electricity", "gas", "water", "heat", "none"] as const;
export type Medium = (typeof media)[number];

export const quantities = [
  "power",
  "energy",
  "voltage",
  "current",
  "frequency",
  "power_factor",
  "reactive_power",
  "reactive_energy",
  "apparent_power",
  "temperature",
  "humidity",
  "volume",
  "flow",
  "state_of_charge",
  "battery_level",
  "signal_strength",
  "price",
  "co2_intensity",
  "state",
  "custom",
] as const;
export type Quantity = (typeof quantities)[number];

/** gauge: momentary; counter: cumulative register; delta: amount of one interval; state: on/off, enumerations. */
export const kinds = ["gauge", "counter", "delta", "state"] as const;
export type Kind = (typeof kinds)[number];

/** `both` is a signed value: positive is import, consumption or charge. */
export const directions = ["import", "export", "production", "consumption", "charge", "discharge", "both"] as const;
export type Direction = (typeof directions)[number];

/** What the channel is to its site: which flow it measures. */
export const roles = [
  "grid_import",
  "grid_export",
  "production",
  "battery_charge",
  "battery_discharge",
  "consumer",
  "none",
] as const;
export type Role = (typeof roles)[number];

/** Where in its interval a reading's time lies. */
export const stamps = ["instant", "start", "end"] as const;
export type Stamp = (typeof stamps)[number];

export const reportings = ["periodic", "on-change"] as const;
export type Reporting = (typeof reportings)[number];

/** Which conductor of a three-phase connection it measures; n: the neutral. */
export const phases = ["l1", "l2", "l3", "n"] as const;
export type Phase = (typeof phases)[number];

/** What a channel is, as far as its definition can be told from its metric. */
export interface ChannelDefinition {
  medium: Medium;
  quantity: Quantity;
  kind: Kind;
  /** Canonical unit (W, kWh, V, A, Hz, 1, var, VA, kvarh, degC, %, m3, m3/h, currency/kWh, g/kWh) or null: unknown. */
  unit: string | null;
  direction: Direction | null;
  /** A guess that the user can correct. */
  role: Role;
  /** True when the message did not say the unit and we took the canonical one of the quantity. */
  unitAssumed: boolean;
  /** A register that starts again every local day (energy.today). */
  restartsDaily: boolean;
}
