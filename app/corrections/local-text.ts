/** An instant as a zone's clock shows it, as `<input type="datetime-local">` takes it: 2026-03-01T18:02:00. */
export function localText(ms: number, timezone: string): string {
  const parts = { dateStyle: "short", timeStyle: "medium", timeZone: timezone } as const;
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", parts).format(ms).replace(" ", "T");
}
