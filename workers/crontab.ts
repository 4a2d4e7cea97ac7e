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
];
