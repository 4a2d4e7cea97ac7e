import { expect, test } from "vitest";
import { formatsOf } from "../charts/formats.ts";
import { everyHour, hourBars } from "./hour-bars.ts";

const hour = 3_600_000;
const now = Date.UTC(2026, 2, 29, 12, 30);

test("every hour is there, in the site's days, through a change of the clocks", () => {
  const heard = { startMs: Date.UTC(2026, 2, 29, 11), messages: 60, readings: 1_200, duplicates: 1 };
  const hours = everyHour([heard, { ...heard, startMs: now - 30 * 24 * hour }], now, 2);
  expect([hours.length, hours[0]!.startMs, hours.at(-1)!.startMs]).toEqual([
    48,
    Date.UTC(2026, 2, 27, 13),
    Date.UTC(2026, 2, 29, 12),
  ]);
  expect(hours.filter(({ messages }) => messages > 0)).toEqual([heard]);
  const bars = hourBars(hours, "readings", formatsOf("en-GB", "Europe/Berlin"));
  expect(bars.filter(({ isLabelled }) => isLabelled).map(({ label, key }) => [label, key])).toEqual([
    ["28 Mar", Date.UTC(2026, 2, 27, 23)],
    ["29 Mar", Date.UTC(2026, 2, 28, 23)],
  ]);
  const { title, up } = bars.at(-2)!;
  expect([title, up[0]!.value]).toEqual(["Sun 29 Mar, 13:00: 60 messages, 1,200 readings, 1 repeat", 1_200]);
});
