import { LocalPlacer } from "../../domain/history/place-local.ts";

/** The instant at which a zone's clock shows a text (of two the earlier one); null: it never does, or the text is no time. */
export function instantOf(text: string, timezone: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(text)) return null;
  const wallMs = Date.parse(`${text}Z`);
  return Number.isNaN(wallMs) ? null : (new LocalPlacer(timezone).place(wallMs)?.ms ?? null);
}
