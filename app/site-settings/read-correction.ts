import {
  directions,
  kinds,
  media,
  phases,
  quantities,
  reportings,
  roles,
  stamps,
  type Direction,
  type Kind,
  type Medium,
  type Phase,
  type Quantity,
  type Reporting,
  type Role,
  type Stamp,
} from "../../domain/channel.ts";
import type { Correctable, Correction } from "../../domain/channel-correction.ts";
import { shownUnit } from "./shown-unit.ts";

/** What the form starts from. */
export interface Edited extends Correctable {
  name: string;
  stamp: Stamp;
  reporting: Reporting;
  phase: Phase | null;
  tariffRegister: string | null;
  minValue: number | null;
  maxValue: number | null;
  expectedIntervalS: number | null;
  maxGapS: number | null;
  maxPowerW: number | null;
  registerMax: number | null;
}

type Fields = { get(name: string): unknown };
type Errors = Partial<Record<keyof Correction, string>>;
export type ReadCorrection = { ok: true; correction: Correction } | { ok: false; errors: Errors };

const longestS = 366 * 86_400;
const numbers = {
  minValue: { what: "the lowest value", from: -1e15, to: 1e15, example: "0" },
  maxValue: { what: "the highest value", from: -1e15, to: 1e15, example: "12000" },
  expectedIntervalS: { what: "the seconds between readings", from: 0.001, to: longestS, example: "60" },
  maxGapS: { what: "the seconds after which a silence is a gap", from: 0.001, to: longestS, example: "900" },
  maxPowerW: { what: "the highest power", from: 0.001, to: 1e12, example: "14500" },
  registerMax: { what: "where the register starts again", from: 0.001, to: 1e15, example: "99999.9" },
} as const satisfies Partial<Record<keyof Edited, { what: string; from: number; to: number; example: string }>>;
type NumberField = keyof typeof numbers;

/** What of the form differs from the channel as it is: only that is a correction, and what follows from it may follow. */
export function readCorrection(form: Fields, channel: Edited): ReadCorrection {
  const errors: Errors = {};
  const said: Correction = {};
  Object.assign(said, changedWords(form, channel), changedNumbers(form, channel, errors));
  const name = textOf(form, "name");
  if (name !== undefined && name !== channel.name) said.name = name.slice(0, 100);
  const tariff = textOf(form, "tariffRegister");
  if (tariff && !/^[\w.-]{1,20}$/.test(tariff))
    errors.tariffRegister = "Write the tariff register as a short name, such as t1.";
  else if (tariff !== undefined && (tariff || null) !== channel.tariffRegister) said.tariffRegister = tariff || null;
  const unit = textOf(form, "unit");
  const isNewUnit = unit !== shownUnit(channel) || (channel.unitAssumed && unit !== "");
  if (unit !== undefined && isNewUnit) said.unit = unit.slice(0, 32) || null;
  const isPrimary = form.get("isPrimary") === "on" && (said.role ?? channel.role) !== "none";
  if (isPrimary !== channel.isPrimary) said.isPrimary = isPrimary;
  return Object.keys(errors).length ? { ok: false, errors } : { ok: true, correction: said };
}

function changedWords(form: Fields, channel: Edited): Correction {
  const phase = form.get("phase") === "" ? null : one(form, "phase", phases);
  const direction = form.get("direction") === "" ? null : one<Direction>(form, "direction", directions);
  const words = {
    role: one<Role>(form, "role", roles),
    quantity: one<Quantity>(form, "quantity", quantities),
    medium: one<Medium>(form, "medium", media),
    kind: one<Kind>(form, "kind", kinds),
    stamp: one<Stamp>(form, "stamp", stamps),
    reporting: one<Reporting>(form, "reporting", reportings),
    ...{ phase, direction },
  };
  return Object.fromEntries(
    Object.entries(words).filter(([name, word]) => word !== undefined && word !== channel[name as keyof Edited]),
  );
}

function changedNumbers(form: Fields, channel: Edited, errors: Errors): Correction {
  const changed: Partial<Record<NumberField, number | null>> = {};
  for (const name of Object.keys(numbers) as NumberField[]) {
    const text = textOf(form, name);
    if (text === undefined) continue;
    const { what, from, to, example } = numbers[name];
    const value = text === "" ? null : Number(text.replace(",", "."));
    if (value !== null && !(value >= from && value <= to))
      errors[name] = `Write ${what} as a number${from > 0 ? " above 0" : ""}, such as ${example}, or leave it empty.`;
    else if (value !== channel[name]) changed[name] = value;
  }
  return changed;
}

const one = <T extends string>(form: Fields, name: string, words: readonly T[]): T | undefined =>
  words.find((word) => word === form.get(name));

/** undefined: the form has no such field. */
function textOf(form: Fields, name: string): string | undefined {
  const given = form.get(name);
  return typeof given === "string" ? given.trim() : undefined;
}
