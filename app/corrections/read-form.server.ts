import { type Correction } from "../../domain/energy/corrections.ts";
import { judgements } from "../../domain/energy/judgement.ts";
import type { Kind } from "../../domain/channel.ts";
import { faultOf } from "./check.ts";
import { instantOf } from "./local-instant.ts";

export type FormErrors = Partial<Record<string, string>>;
type Read = { ok: true; correction: Correction; reason: string } | { ok: false; errors: FormErrors };

/** A reading is taken out by itself: its times have microseconds. */
const oneReadingMs = 0.001;

/** A correction from the form's fields. Times are exact (`atMs`, `fromMs` …), or as the site's clock shows them (`at`, `from` …). */
export function readCorrectionForm(form: FormData, { timezone, nowMs, ...channel }: Place): Read {
  const errors: FormErrors = {};
  const instant = (name: string): number => {
    const exact = Number(form.get(`${name}Ms`) ?? NaN);
    if (form.get(`${name}Ms`) && Number.isFinite(exact)) return exact;
    const ms = instantOf(String(form.get(name) ?? ""), timezone);
    if (ms === null) errors[name] = "Write a date and a time that this place's clock shows.";
    return ms ?? 0;
  };
  const number = (name: string, isOptional = false): number | null => {
    const text = String(form.get(name) ?? "")
      .trim()
      .replace(",", ".");
    if (text === "" && isOptional) return null;
    const value = text === "" ? NaN : Number(text);
    if (!Number.isFinite(value)) errors[name] = "Write a number, such as 13424.5.";
    return value;
  };
  const correction = read(form, { instant, number });
  if (!correction) return { ok: false, errors: { what: "Choose what is to be done." } };
  const fault = Object.keys(errors).length ? null : faultOf(channel, correction, nowMs);
  if (fault) errors[fault.field === "from" && !("fromMs" in correction) ? "at" : fault.field] = sentence(fault.message);
  if (Object.keys(errors).length) return { ok: false, errors };
  return { ok: true, correction, reason: reasonOf(form) };
}

interface Place {
  kind: Kind;
  frozenBeforeMs: number | null;
  timezone: string;
  nowMs: number;
}

interface Fields {
  instant: (name: string) => number;
  number: (name: string, isOptional?: boolean) => number | null;
}

function read(form: FormData, { instant, number }: Fields): Correction | null {
  switch (form.get("what")) {
    case "exclude-one": {
      const fromMs = instant("at");
      return { what: "exclude", fromMs, toMs: fromMs + oneReadingMs };
    }
    case "exclude":
      return { what: "exclude", fromMs: instant("from"), toMs: instant("to") };
    case "scale":
      return { what: "scale", fromMs: instant("from"), toMs: instant("to"), factor: number("factor")! };
    case "reading":
      return { what: "reading", atMs: instant("at"), value: number("value")! };
    case "replace":
      return {
        ...{ what: "replace", atMs: instant("at") },
        ...{ finalValue: number("finalValue", true), firstValue: number("firstValue", true) },
      };
    case "judge": {
      const as = judgements.find((word) => word === form.get("as"));
      return as ? { what: "judge", atMs: instant("at"), as } : null;
    }
    default:
      return null;
  }
}

export const reasonOf = (form: FormData): string =>
  String(form.get("reason") ?? "")
    .replace(/[\p{Cc}\p{Cs}]/gu, " ")
    .trim()
    .slice(0, 500);

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
