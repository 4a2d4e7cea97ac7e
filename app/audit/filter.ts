import type { AuditFilter } from "../../db/audit.ts";
import { parseDay, startOfDay } from "../../domain/local-time/civil-day.ts";

/** What the form and the addresses of the downloads say, as it was typed. */
export const filterFields = ["who", "action", "object", "from", "to", "text"] as const;
export type FilterField = (typeof filterFields)[number];
export type FilterTexts = Partial<Record<FilterField, string>>;

const longest = 200;

export function readFilter(query: URLSearchParams): FilterTexts {
  const texts: FilterTexts = {};
  for (const field of filterFields) {
    const text = query.get(field)?.replaceAll("\0", "").trim().slice(0, longest);
    if (text) texts[field] = text;
  }
  return texts;
}

/** `from` and `to` are local days, both included; what is no day counts as not given. */
export function asAuditFilter({ from, to, ...texts }: FilterTexts, timezone: string): AuditFilter {
  const first = parseDay(from ?? "");
  const last = parseDay(to ?? "");
  return {
    ...texts,
    ...(first !== null && { fromMs: startOfDay(timezone, first) }),
    ...(last !== null && { toMs: startOfDay(timezone, last + 1) }),
  };
}

export const filterQuery = (texts: FilterTexts): string => new URLSearchParams(texts).toString();
