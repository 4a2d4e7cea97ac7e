import type { Plan, PlanLimits } from "../../db/platform.ts";

export type PlanFields = keyof PlanLimits | "name" | "title";
export type PlanErrors = Partial<Record<PlanFields, string>>;

/** The least and the most of each limit; empty: none. */
const ranges: Record<keyof PlanLimits, [least: number, most: number]> = {
  devices: [1, 1_000_000],
  channels: [1, 100_000_000],
  members: [1, 1_000_000],
  readingsPerDay: [1, 1e12],
  retentionDays: [31, 36_500],
};
export const limitNames = Object.keys(ranges) as (keyof PlanLimits)[];

/** A plan as the form has it, or what is wrong with it, by field. */
export function readPlan(form: FormData): { plan: Omit<Plan, "organizations"> } | { errors: PlanErrors } {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const errors: PlanErrors = {};
  const [name, title] = [text("name"), text("title")];
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) errors.name = "Small letters, digits and dashes, such as large-2.";
  if (!title || title.length > 100) errors.title = "Give it a title of at most 100 characters.";
  const limits: PlanLimits = {
    devices: null,
    channels: null,
    members: null,
    readingsPerDay: null,
    retentionDays: null,
  };
  for (const limit of limitNames) {
    const typed = text(limit).replaceAll(",", "");
    if (!typed) continue;
    const [least, most] = ranges[limit];
    const value = Number(typed);
    if (!Number.isInteger(value) || value < least || value > most)
      errors[limit] = `A whole number from ${least} to ${most.toLocaleString("en-GB")}, or nothing for no limit.`;
    else limits[limit] = value;
  }
  return Object.keys(errors).length ? { errors } : { plan: { name, title, ...limits } };
}
