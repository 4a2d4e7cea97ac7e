import type { Site } from "../../db/sites.ts";
import { isoDay, localDay, parseDay } from "../../domain/local-time/civil-day.ts";
import { bucketCeil } from "../../domain/rollup/bucket.ts";
import { localPeriod, type Period as Instants } from "../../domain/tariff/scope.ts";
import { longestBillDays } from "../costs/bill-periods.ts";
import { longestCustomDays, ranges, readPeriod, type Period } from "../period/period.ts";
import { wrongQuery } from "./problem.server.ts";
import { day, instantIn } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

/** Days [from, to) in a site's zone, as a query asks for them. */
interface Days {
  from: string;
  to: string;
}

export const billDays = {
  from: day,
  to: day.openapi({ description: "The first day that it is not for" }),
  until: instantIn.optional().openapi({
    description:
      "Of days that are not over: only up to this instant, widened to its quarter-hour. Left out: all of them, with the standing charges of those to come",
  }),
};

/** @throws Problem 400 for days that no bill is made for. */
export function billPeriod({ from, to, until }: Days & { until?: string | undefined }, timezone: string): Instants {
  if (to <= from) throw wrongQuery("to", "expected a later day than from");
  if (parseDay(to)! - parseDay(from)! > longestBillDays)
    throw wrongQuery("to", `expected at most ${longestBillDays} days after from`);
  const { fromMs, toMs } = localPeriod(timezone, from, to);
  if (until === undefined) return { fromMs, toMs };
  const untilMs = bucketCeil(Date.parse(until));
  if (untilMs <= fromMs) throw wrongQuery("until", "expected an instant after the beginning of from");
  return { fromMs, toMs: Math.min(toMs, untilMs) };
}

export const comparedDays = {
  from: day,
  to: day.openapi({ description: "The first day that it is not for" }),
  compare: z.enum(["previous", "year"]).default("previous").openapi({
    description:
      "previous: with the week, month or year before where the days are a whole one of the calendar, else with as many days before. year: with the same days a year before (52 weeks, of a week)",
  }),
};

/** The period that a page shows of these days: a whole week, month or year is one, as its page has it. @throws Problem 400 */
export function pagePeriod({ from, to }: Days, { timezone }: Pick<Site, "timezone">, nowMs: number): Period {
  const [first, end] = [parseDay(from)!, parseDay(to)!];
  if (end <= first) throw wrongQuery("to", "expected a later day than from");
  if (end - first > longestCustomDays) throw wrongQuery("to", `expected at most ${longestCustomDays} days after from`);
  if (first > localDay(timezone, nowMs)) throw wrongQuery("from", "expected a day that has begun");
  const last = isoDay(end - 1);
  const periods = ranges.map((range) =>
    readPeriod(new URLSearchParams({ range, at: from, to: last }), timezone, nowMs),
  );
  const asked = periods.find((period) => period.first === from && period.last === last);
  if (!asked) throw wrongQuery("from", `expected days since 1970 that there are in ${timezone}`);
  return asked;
}
