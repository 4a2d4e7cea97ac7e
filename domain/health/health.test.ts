import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gapsOf } from "./gaps.ts";
import { presenceOf, type Signs } from "./presence.ts";

const minute = 60_000;
const now = 1_770_000_000_000;
const signs: Signs = { nowMs: now, lastHeardMs: now - minute, will: null, intervalS: 60, reporting: "periodic" };

describe("presenceOf", () => {
  it.each<[string, Partial<Signs>, string]>([
    ["nothing came yet", { lastHeardMs: null }, "never"],
    ["heard a minute ago", {}, "online"],
    ["a minute's rhythm, silent for 10 minutes", { lastHeardMs: now - 10 * minute }, "online"],
    ["a minute's rhythm, silent for longer", { lastHeardMs: now - 10 * minute - 1 }, "silent"],
    ["15 minutes' rhythm, silent for 75", { intervalS: 900, lastHeardMs: now - 75 * minute }, "online"],
    ["15 minutes' rhythm, silent for longer", { intervalS: 900, lastHeardMs: now - 76 * minute }, "silent"],
    ["no rhythm known yet", { intervalS: null, lastHeardMs: now - 11 * minute }, "silent"],
    [
      "sends only changes, silent for a week",
      { reporting: "on-change", lastHeardMs: now - 7 * 1440 * minute },
      "online",
    ],
    ["its will says offline", { will: { isOnline: false, timeMs: now } }, "offline"],
    ["its will said offline, then it was heard", { will: { isOnline: false, timeMs: now - 5 * minute } }, "online"],
    [
      "its will says online, but it is silent",
      { will: { isOnline: true, timeMs: now }, lastHeardMs: now - 60 * minute },
      "silent",
    ],
  ])("%s", (_name, given, presence) => {
    expect(presenceOf({ ...signs, ...given }).presence).toBe(presence);
  });
});

const quarter = 900_000;
const full = (startMs: number, coveredS = 900) => ({ startMs, coveredS });

describe("gapsOf", () => {
  it("joins neighbouring quarter-hours, and takes the channel that has most", () => {
    const covered = [full(0), full(quarter, 100), full(quarter, 890), full(4 * quarter)];
    expect(gapsOf(covered, 0, 6 * quarter)).toEqual([
      { fromMs: 2 * quarter, toMs: 4 * quarter },
      { fromMs: 5 * quarter, toMs: 6 * quarter },
    ]);
  });

  it("and what is covered make up the whole, for any coverage", () => {
    const slots = fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 200 });
    fc.assert(
      fc.property(slots, (seconds) => {
        const covered = seconds.map((coveredS, i) => full(i * quarter, coveredS));
        const gaps = gapsOf(covered, 0, seconds.length * quarter);
        const missing = gaps.reduce((sum, gap) => sum + (gap.toMs - gap.fromMs) / quarter, 0);
        expect(missing).toBe(seconds.filter((s) => s < 450).length);
        for (let i = 1; i < gaps.length; i++) expect(gaps[i]!.fromMs).toBeGreaterThan(gaps[i - 1]!.toMs);
      }),
    );
  });
});
