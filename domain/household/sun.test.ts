import { describe, expect, it } from "vitest";
import { easterSunday } from "../local-time/easter.ts";
import { instantAt, isPublicHoliday, localDayOf, weekdayOf } from "./calendar.ts";
import { sunAt, sunTimes } from "./sun.ts";

const berlin = { latitude: 52.5, longitude: 13.4 };
const degrees = (sin: number) => (Math.asin(sin) * 180) / Math.PI;
const minutes = (ms: number) => Math.round(ms / 60_000);

describe("the sun", () => {
  it("stands at its noon heights", () => {
    expect(degrees(sunAt(berlin, Date.UTC(2025, 5, 21, 11, 8)).sinElevation)).toBeCloseTo(60.94, 1);
    expect(degrees(sunAt(berlin, Date.UTC(2025, 11, 21, 11, 4)).sinElevation)).toBeCloseTo(14.07, 1);
    // Sydney, whose sun is in the north: azimuth from south is half a turn.
    const sydney = sunAt({ latitude: -33.87, longitude: 151.2 }, Date.UTC(2025, 11, 21, 1, 53));
    expect(degrees(sydney.sinElevation)).toBeCloseTo(79.6, 0);
    expect(Math.abs(sydney.azimuth)).toBeGreaterThan(3);
  });

  it.each([
    ["midsummer", Date.UTC(2025, 5, 21, 12), Date.UTC(2025, 5, 21, 2, 43), Date.UTC(2025, 5, 21, 19, 33)],
    ["midwinter", Date.UTC(2025, 11, 21, 12), Date.UTC(2025, 11, 21, 7, 15), Date.UTC(2025, 11, 21, 14, 54)],
  ])("rises and sets in Berlin at %s", (_name, near, rise, set) => {
    const times = sunTimes(berlin, near)!;
    expect(Math.abs(minutes(times.riseMs - rise))).toBeLessThanOrEqual(3);
    expect(Math.abs(minutes(times.setMs - set))).toBeLessThanOrEqual(3);
  });

  it("does not set at the North Cape in June", () => {
    expect(sunTimes({ latitude: 71.2, longitude: 25.8 }, Date.UTC(2025, 5, 21, 12))).toBeNull();
  });
});

describe("the calendar", () => {
  it("knows Easter and what hangs on it", () => {
    const dates = [2024, 2025, 2026, 2038].map((y) =>
      new Date(easterSunday(y) * 86_400_000).toISOString().slice(0, 10),
    );
    expect(dates).toEqual(["2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25"]);
    expect(isPublicHoliday(easterSunday(2026) + 1)).toBe(true);
    expect(isPublicHoliday(easterSunday(2026) + 2)).toBe(false);
  });

  it("finds the instant of a wall-clock time on both sides of a clock change", () => {
    const day = localDayOf("Europe/Berlin", Date.UTC(2026, 2, 29, 12));
    expect(weekdayOf(day)).toBe(6);
    expect(new Date(instantAt("Europe/Berlin", day, 60)).toISOString()).toBe("2026-03-29T00:00:00.000Z");
    expect(new Date(instantAt("Europe/Berlin", day, 19 * 60)).toISOString()).toBe("2026-03-29T17:00:00.000Z");
    // 02:30 does not exist that day.
    expect(new Date(instantAt("Europe/Berlin", day, 150)).toISOString()).toBe("2026-03-29T01:30:00.000Z");
  });
});
