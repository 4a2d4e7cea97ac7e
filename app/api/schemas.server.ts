import { parseGrams } from "../../domain/co2/factor.ts";
import { directions, kinds, media, quantities, reportings, roles, stamps } from "../../domain/channel.ts";
import { parseDay } from "../../domain/local-time/civil-day.ts";
import { isZone } from "../../domain/local-time/zone.ts";
import { isCurrency, parsePrice } from "../../domain/tariff/flat.ts";
import type { ShownEmissions } from "../costs/emissions.server.ts";
import { z } from "./zod.server.ts";

/** What more than one operation speaks of: instants, names, pages. */

/** Control characters and halves of surrogate pairs: nobody means them, and Postgres stores neither in JSON. */
const unstorable = /[\p{Cc}\p{Cs}]/u;

/** A name that a person gives. */
export const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((text) => !unstorable.test(text), "expected a text without control characters");

/** Why something was done, in a person's words. */
export const reason = z
  .string()
  .trim()
  .max(500)
  .refine((text) => !unstorable.test(text), "expected a text without control characters")
  .openapi({ description: "Why, in the author's words" });

/** Whether a JSON value can be stored as it is. */
export function isStorable(value: unknown): boolean {
  if (typeof value === "string") return !/[\0\p{Cs}]/u.test(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner));
}

export const instantIn = z.iso
  .datetime({
    offset: true,
    error: "expected a time with its zone, such as 2026-03-01T00:00:00Z or 2026-03-01T01:00:00+01:00",
  })
  .openapi({ description: "ISO-8601 with zone", example: "2026-03-01T00:00:00Z" });

export const instantOut = z.iso.datetime().openapi({ description: "ISO-8601, UTC", example: "2026-03-01T00:00:00Z" });

const dayMicros = 86_400_000_000;
const padded = (digits: number) => Array.from({ length: 10 ** digits }, (_, n) => String(n).padStart(digits, "0"));
const [two, three] = [padded(2), padded(3)];
let [lastDay, dayText] = [NaN, ""];
let [last, lastText] = [NaN, ""];

/**
 * Epoch milliseconds, of which a fraction is microseconds, as ISO-8601. An answer has tens of thousands of times of a few days:
 * a day's text is made once, and that of a step's end is the next one's start.
 */
export function iso(ms: number): string {
  if (ms !== last) [last, lastText] = [ms, isoText(ms)];
  return lastText;
}

function isoText(ms: number): string {
  const micros = Math.round(ms * 1000);
  const of = Math.floor(micros / dayMicros);
  if (of !== lastDay) [lastDay, dayText] = [of, new Date((of * dayMicros) / 1000).toISOString().slice(0, -13)];
  const rest = micros - of * dayMicros;
  const seconds = Math.floor(rest / 1_000_000);
  const minute = Math.floor(seconds / 60);
  const below = rest - seconds * 1_000_000;
  const millis = Math.floor(below / 1_000);
  const fraction = below % 1_000 ? three[below % 1_000]! : "";
  return `${dayText}${two[Math.floor(minute / 60)]!}:${two[minute % 60]!}:${two[seconds % 60]!}.${three[millis]!}${fraction}Z`;
}

export const day = z
  .string()
  .refine((text) => parseDay(text) !== null, 'expected a date such as "2026-03-29"')
  .openapi({ description: "A day in the site's zone", example: "2026-03-29" });

export const timezone = z
  .string()
  .refine(isZone, "expected a time zone of the IANA database, such as Europe/Berlin")
  .openapi({ description: "IANA time zone", example: "Europe/Berlin" });

export const currency = z
  .string()
  .refine(isCurrency, "expected a currency code of ISO 4217, such as EUR")
  .openapi({ description: "ISO 4217", example: "EUR" });

export const price = z
  .union([z.string(), z.number()])
  .transform((given, context) => {
    const parsed = parsePrice(String(given));
    if (parsed.ok && parsed.price !== null) return parsed.price;
    context.addIssue({ code: "custom", message: 'expected a price per kWh such as "0.32", with at most six decimals' });
    return z.NEVER;
  })
  .openapi({ description: "Decimal, in the site's currency", example: "0.32" });

export const gramsPerKwh = z
  .union([z.string(), z.number()])
  .transform((given, context) => {
    const parsed = parseGrams(String(given));
    if (parsed.ok && parsed.grams !== null) return parsed.grams;
    context.addIssue({ code: "custom", message: "expected grams per kWh such as 380, from 0 to 5000" });
    return z.NEVER;
  })
  .openapi({ description: "Grams of CO2 for a kWh from the grid", example: "380" });

/** Of a stretch of a site's time. */
export const Co2Schema = z
  .object({
    emittedKg: z.number().min(0).openapi({ description: "For what was taken from the grid" }),
    avoidedKg: z.number().min(0).openapi({ description: "What the energy fed in avoided elsewhere" }),
    knownKwh: z.number().min(0).openapi({ description: "Energy taken whose intensity is known" }),
    unknownKwh: z.number().min(0).openapi({ description: "Energy taken whose intensity is not known: left out" }),
  })
  .nullable()
  .openapi("Co2", { description: "null: the site has no factor and no channel of the grid's intensity" });

/** Of a channel: what its raw readings can still say. */
export const frozenBeforeOut = instantOut.nullable().openapi({
  description: "Readings before it are kept no longer, and what was computed of them stays; null: all are kept",
});
export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

export const co2Out = (emissions: ShownEmissions | null | undefined): z.infer<typeof Co2Schema> => {
  if (!emissions) return null;
  const { importKg, avoidedKg, knownKwh, unknownKwh } = emissions;
  return { emittedKg: importKg, avoidedKg, knownKwh, unknownKwh };
};

export const words = {
  medium: z.enum(media),
  quantity: z.enum(quantities),
  kind: z.enum(kinds),
  direction: z.enum(directions),
  role: z.enum(roles),
  stamp: z.enum(stamps),
  reporting: z.enum(reportings),
};

/** `limit` and `cursor` of a list. */
export const paging = (most: number, usual: number) => ({
  limit: z.coerce.number().int().min(1).max(most).default(usual).openapi({ description: "How many at most" }),
  cursor: z.string().max(500).optional().openapi({ description: "`nextCursor` of the page before" }),
});

export const listPaging = paging(500, 50);
/** 13 months of quarter-hours are one page. */
export const timePaging = paging(50_000, 10_000);

export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().openapi({ description: "null: this is the last page" }),
  });

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().openapi({ description: "What is wrong, in one sentence" }),
    errors: z
      .array(z.object({ path: z.string().openapi({ description: "The field" }), message: z.string() }))
      .optional(),
  })
  .openapi("Problem", { description: "RFC 9457" });
