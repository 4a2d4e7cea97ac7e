import { z } from "zod";
import { parseDay, type DayNumber } from "../local-time/civil-day.ts";
import { withIds } from "./component-schema.ts";
import { findGap } from "./coverage.ts";
import { tariffSchema, type Tariff } from "./tariff.ts";

/**
 * A contract: dated versions of a tariff. A version holds from the start of its local day until the next one; so a new price
 * never changes what was billed before it.
 */
export const contractSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: z.string().max(200).optional(),
    versions: z
      .array(
        z.strictObject({
          validFrom: z
            .string()
            .refine((text) => parseDay(text) !== null, { message: 'a date such as "2026-03-29" is expected' })
            .describe("The first local day on which it holds."),
          tariff: tariffSchema,
        }),
      )
      .min(1),
  })
  .describe("Dated versions of a tariff.");

export interface TariffVersion {
  /** The first local day on which it holds; null: always. */
  validFrom: DayNumber | null;
  tariff: Tariff;
}

export type Parsed<T> = { ok: true; value: T } | { ok: false; error: string };

/** A tariff from JSON; an error names the field, what is wrong with it and what is expected. */
export function parseTariff(json: unknown): Parsed<Tariff> {
  const parsed = tariffSchema.safeParse(json);
  if (!parsed.success) return { ok: false, error: issuesText(parsed.error.issues) };
  const tariff: Tariff = { ...parsed.data, components: withIds(parsed.data.components) };
  const gap = findGap(tariff);
  return gap === null ? { ok: true, value: tariff } : { ok: false, error: gap };
}

/** A contract from JSON: {"versions": [...]}, a list of versions, or one tariff that always holds. Ascending by date. */
export function parseContract(json: unknown): Parsed<TariffVersion[]> {
  const isVersions = Array.isArray(json) || (typeof json === "object" && json !== null && "versions" in json);
  if (!isVersions) {
    const parsed = parseTariff(json);
    return parsed.ok ? { ok: true, value: [{ validFrom: null, tariff: parsed.value }] } : parsed;
  }
  const parsed = contractSchema.safeParse(Array.isArray(json) ? { versions: json } : json);
  if (!parsed.success) return { ok: false, error: issuesText(parsed.error.issues) };
  const versions: TariffVersion[] = [];
  for (const [i, { validFrom, tariff }] of parsed.data.versions.entries()) {
    const complete: Tariff = { ...tariff, components: withIds(tariff.components) };
    const gap = findGap(complete);
    if (gap !== null) return { ok: false, error: `versions.${i}.${gap}` };
    versions.push({ validFrom: parseDay(validFrom)!, tariff: complete });
  }
  versions.sort((a, b) => a.validFrom! - b.validFrom!);
  const wrong = disagreement(versions);
  return wrong === null ? { ok: true, value: versions } : { ok: false, error: wrong };
}

function disagreement(versions: readonly TariffVersion[]): string | null {
  const [first] = versions;
  for (const [i, { validFrom, tariff }] of versions.entries()) {
    if (i > 0 && validFrom === versions[i - 1]!.validFrom) return "versions: two of them begin on the same day";
    if (tariff.currency !== first!.tariff.currency)
      return `versions: one contract has one currency, not ${first!.tariff.currency} and ${tariff.currency}`;
    if (tariff.medium !== first!.tariff.medium)
      return `versions: one contract is for one medium, not ${first!.tariff.medium} and ${tariff.medium}`;
  }
  return null;
}

/** "components.0.price.rates.1.when.0.hours.0: hours such as … are expected" for each issue. */
function issuesText(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map((issue) => issueText(issue, [])).join("; ");
}

function issueText(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): string {
  const path = [...above, ...issue.path];
  // Of a union's branches, the one that the input came furthest into is the one that was meant.
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const meant = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0]!;
    if (depth(meant) > 0) return meant.map((inner) => issueText(inner, path)).join("; ");
    if (issue.errors.some((branch) => branch.some((inner) => inner.code === "invalid_union")))
      return `${path.join(".")}: a decimal such as "0.32" or an object with a kind (flat, time-of-use, tiered, dynamic) is expected`;
  }
  return `${path.length > 0 ? path.join(".") : "the tariff"}: ${issue.message}`;
}

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map(({ path, code }) => path.length + (code === "unrecognized_keys" ? 1 : 0)));
