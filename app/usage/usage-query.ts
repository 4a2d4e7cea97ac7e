import type { Medium } from "../../domain/channel.ts";
import { readMeterId, type MeterId } from "../../domain/site/meter.ts";
import type { Comparison } from "../period/period.ts";

/** By what usage is listed, as the address names it: `?by=group&compare=year&medium=gas&unit=m3&meter=c12`. */
export const kinds = ["meter", "device", "group"] as const;
export type Kind = (typeof kinds)[number];

export const media: readonly Medium[] = ["electricity", "gas", "heat", "water"];

export interface UsageQuery {
  by: Kind;
  compare: Comparison;
  medium: Medium;
  unit: string | null;
  /** The meter that is looked into; null: the whole site. */
  meter: MeterId | null;
}

export function readUsageQuery(query: URLSearchParams): UsageQuery {
  return {
    by: kinds.find((kind) => kind === query.get("by")) ?? "meter",
    compare: query.get("compare") === "year" ? "year" : "previous",
    medium: media.find((medium) => medium === query.get("medium")) ?? "electricity",
    unit: query.get("unit"),
    meter: readMeterId(query.get("meter") ?? "")?.id ?? null,
  };
}
