import type { CronItem } from "graphile-worker";

/** All schedules, in UTC; local midnights are domain/local-time's business. */
export const crontab: CronItem[] = [
  // The net under the roll-up's wake-ups: a mark whose wake-up was lost waits at most a minute.
  {
    task: "roll-up",
    match: "* * * * *",
    identifier: "sweep-dirty-buckets",
    options: { jobKey: "roll-up", backfillPeriod: 0 },
  },
  // Just after each bucket begins.
  {
    task: "hold-values",
    match: "1,16,31,46 * * * *",
    identifier: "hold-values",
    options: { jobKey: "hold-values", backfillPeriod: 0 },
  },
  {
    task: "watch-silence",
    match: "* * * * *",
    identifier: "silent-devices",
    options: { jobKey: "watch-silence", backfillPeriod: 0 },
  },
  {
    task: "warn-of-quotas",
    match: "*/10 * * * *",
    identifier: "nearly-used-quotas",
    options: { jobKey: "warn-of-quotas", backfillPeriod: 0 },
  },
  {
    task: "upkeep",
    match: "17 * * * *",
    identifier: "hourly-upkeep",
    options: { jobKey: "upkeep", backfillPeriod: 3_600_000 },
  },
  // After midnight UTC, when a day more is not kept; the upkeep has packed what it can.
  {
    task: "remove-readings",
    match: "41 2 * * *",
    identifier: "nightly-removal",
    options: { jobKey: "remove-readings", backfillPeriod: 86_400_000 },
  },
];
