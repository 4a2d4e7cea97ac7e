import type { z } from "zod";
import { newApiKey } from "../api/api-keys.server.ts";
import { readSiteIds } from "../organization/read-access.server.ts";

/** What the form of a new key says, as the API would be sent it, and what is wrong with it. */
export interface KeyValues {
  name: string;
  scopes: string[];
  /** null: all places. */
  siteIds: string[] | null;
  /** One on a line. */
  origins: string;
  /** Days until it ends; empty: never. */
  days: string;
}
export type KeyErrors = Partial<Record<keyof KeyValues, string>>;

export const lifetimes = ["30", "90", "365", ""] as const;
const dayMs = 86_400_000;

type Read = { ok: true; key: z.output<typeof newApiKey> } | { ok: false; values: KeyValues; errors: KeyErrors };

export function readKeyForm(form: FormData, nowMs: number): Read {
  const texts = (name: string) => form.getAll(name).map(String);
  const [name = "", origins = "", days = ""] = ["name", "origins", "days"].map((field) => texts(field)[0]);
  const siteIds = readSiteIds(form);
  const values = { name, scopes: texts("scopes"), siteIds, origins, days };
  const isLifetime = (lifetimes as readonly string[]).includes(days);
  const read = newApiKey.safeParse({
    name,
    scopes: values.scopes,
    siteIds,
    origins: origins.split(/\s+/).filter((line) => line !== ""),
    expiresAt: days === "" || !isLifetime ? null : new Date(nowMs + Number(days) * dayMs).toISOString(),
  });
  const errors: KeyErrors = isLifetime ? {} : { days: "Choose how long it is to work." };
  if (read.success && isLifetime) return { ok: true, key: read.data };
  for (const { path } of read.error?.issues ?? []) {
    const field = path[0] as keyof KeyValues;
    errors[field] ??= sentences[field];
  }
  // The one rule that is of two fields: the place to mend it is the choice of places.
  if (errors.scopes && values.scopes.length) errors.scopes = "Admin is for the whole organization: choose all places.";
  return { ok: false, values, errors };
}

const sentences: Partial<Record<keyof KeyValues, string>> = {
  name: "Give it a name of 1 to 100 characters.",
  scopes: "Choose what it may do.",
  siteIds: "Choose one place at least.",
  origins: "Write addresses such as https://energy.example, one on a line, without a path; 20 at most.",
};
