import { roles, type MemberRole } from "../../domain/access/permissions.ts";

/** The role of a form; null: it is none. */
export const readRole = (form: FormData): MemberRole | null => roles.find((role) => role === form.get("role")) ?? null;

/** The sites of a form: those that are ticked where "chosen" is, else all (null). */
export function readSiteIds(form: FormData): string[] | null {
  return form.get("sites") === "chosen" ? form.getAll("site").map(String) : null;
}
