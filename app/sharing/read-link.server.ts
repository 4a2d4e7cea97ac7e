import { sharedPages, sharedRanges, type NewLink } from "../../db/shared-links.ts";

export type LinkErrors = Partial<Record<"name" | "day" | "days" | "form", string>>;

export const longestLinkDays = 366;

/** Reads the form of a new link: what is wrong with it, and the link when nothing is. */
export function readLink(form: FormData): {
  errors: LinkErrors;
  link: Omit<NewLink, "tokenHash" | "createdBy"> | null;
} {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const errors: LinkErrors = {};
  const what = sharedPages.find((page) => page === text("what")) ?? "overview";
  const range = what === "overview" ? null : (sharedRanges.find((one) => one === text("range")) ?? "month");
  const atDay = range !== null && text("which") === "fixed" ? text("day") : null;
  const [name, days] = [text("name"), Number(text("days"))];
  if (!name || name.length > 100) errors.name = "Say for whom it is, in at most 100 characters.";
  if (atDay !== null && !isDay(atDay)) errors.day = "Choose a day of the period, such as 2026-11-01.";
  if (!Number.isInteger(days) || days < 1 || days > longestLinkDays)
    errors.days = `Give a number of days from 1 to ${longestLinkDays}.`;
  if (Object.keys(errors).length) return { errors, link: null };
  return { errors, link: { siteId: text("site"), name, what, range, atDay, days } };
}

/** A date that there is. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
