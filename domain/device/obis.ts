/**
 * OBIS codes (IEC 62056-61) of electricity meters, as DSMR, D0 and vzlogger use them: A-B:C.D.E*F. C says what (1 import, 2
 * export, 21/41/61 import by phase, 32/52/72 voltage …), D how (7 momentary, 8 register), E the tariff (0 total).
 * Worked: 1-0:41.7.0 is power.import.l2, 1-0:2.8.1 energy.export.t1, 16.7.0 the signed power.
 * Sources: IEC 62056-61; DSMR P1 5.0.2; ndokter/dsmr_parser obis_references.py; vzlogger src/Obis.cpp.
 */
import { counter, gauge } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

export interface Obis {
  /** "1-0", or null in the short form (255-255: vzlogger's way to say it). */
  medium: string | null;
  /** C, D and E: "1.8.0". A missing or wild E is 0. */
  code: string;
  /** F: null for what is measured now (255 or left out), else the number of a stored period. */
  period: number | null;
}

const pattern = /^(?:(\d{1,3}-\d{1,3}):)?(\d{1,3}|[CFLP])\.(\d{1,3}|[CFLP])(?:\.(\d{1,3}))?(?:[*&](\d{1,3}))?$/;

/** Reads a code in its long (`1-0:1.8.0*255`) or short form (`1.8.0`, `1.8`); undefined: it is none. */
export function obisOf(text: string): Obis | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, medium, c, d, e = "0", f] = match;
  const plain = (part: string): string => (/^\d/.test(part) ? String(Number(part)) : part);
  return {
    medium: medium === undefined || medium === "255-255" ? null : medium,
    code: `${plain(c!)}.${plain(d!)}.${e === "255" ? "0" : plain(e)}`,
    period: f === undefined || f === "255" ? null : Number(f),
  };
}

type Quantity = [metric: string, unit: string];

/** By C: the sum first, then by phase 20, 40 and 60 higher. */
const momentary: ReadonlyMap<number, Quantity> = new Map([
  [1, ["power.import", "W"]],
  [2, ["power.export", "W"]],
  [3, ["reactive_power.import", "var"]],
  [4, ["reactive_power.export", "var"]],
  [9, ["apparent_power.import", "VA"]],
  [10, ["apparent_power.export", "VA"]],
  [11, ["current", "A"]],
  [12, ["voltage", "V"]],
  [13, ["power_factor", "1"]],
  [14, ["frequency", "Hz"]],
  [16, ["power", "W"]],
]);

const registers: ReadonlyMap<number, Quantity> = new Map([
  [1, ["energy.import", "kWh"]],
  [2, ["energy.export", "kWh"]],
  [3, ["energy_reactive.import", "kvarh"]],
  [4, ["energy_reactive.export", "kvarh"]],
  [16, ["energy.net", "kWh"]],
]);

const special: ReadonlyMap<string, Field> = new Map([
  ["91.7.0", gauge("current.n", "A")],
  ["1.4.0", gauge("power.demand.average", "W")],
  ["1.6.0", gauge("power.demand.month_peak", "W")],
]);

/** What a code measures, with the unit that is usual for it; undefined: it is no measured value of now. */
export function obisField({ medium, code, period }: Obis): Field | undefined {
  if (period !== null || (medium !== null && !/^1-/.test(medium))) return undefined;
  const known = special.get(code);
  if (known) return known;
  const [c, d, e] = code.split(".").map(Number) as [number, number, number];
  if (d === 7 && e === 0) {
    const found = quantityOf(momentary, c);
    return found && gauge(found[0], found[1]);
  }
  if (d !== 8) return undefined;
  const found = quantityOf(registers, c);
  return found && e <= 9 ? counter(e === 0 ? found[0] : `${found[0]}.t${e}`, found[1]) : undefined;
}

function quantityOf(table: ReadonlyMap<number, Quantity>, c: number): Quantity | undefined {
  const phase = Math.floor((c - 1) / 20);
  if (phase < 1) return table.get(c);
  const whole = phase <= 3 ? table.get(c - 20 * phase) : undefined;
  return whole && [`${whole[0]}.l${phase}`, whole[1]];
}
