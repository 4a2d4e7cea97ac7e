import { addUsage, type UsageAdded } from "../db/usage-days.ts";
import { quotaWords } from "../domain/access/quota.ts";
import type { Log } from "../platform/log.ts";
import type { Drop } from "./drop.ts";

const flushEveryMs = 10_000;

/** An organization's readings of one UTC day. */
interface Account {
  day: string;
  /** Of all processes, as far as this one knows. */
  used: number;
  /** Of this process, not written down yet. */
  readings: number;
  refused: number;
  /** What the plan has; null: no limit. */
  most: number | null;
}

/**
 * What organizations send in a day, and whether their plans have room for it. Counted in memory and written down together every
 * 10 seconds: no message waits for it. Several processes know of one another's counts by then, so a limit can be passed by
 * what comes in meanwhile; and a message that begins within the limit is taken whole.
 */
export class Quotas {
  #accounts = new Map<string, Account>();
  #meetings = new Map<string, Promise<void>>();
  /** Of days that have ended. */
  #ended: UsageAdded[] = [];
  #timer: NodeJS.Timeout | undefined;
  #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Asks the database for an organization's day, before its first message here is taken: once for all who wait, in their order. */
  meet(organizationId: string): Promise<void> {
    if (this.#accounts.has(organizationId)) return Promise.resolve();
    let meeting = this.#meetings.get(organizationId);
    if (!meeting) {
      meeting = this.#ask(organizationId).finally(() => this.#meetings.delete(organizationId));
      this.#meetings.set(organizationId, meeting);
    }
    return meeting;
  }

  async #ask(organizationId: string): Promise<void> {
    const [found] = await addUsage([{ organizationId, day: dayOf(Date.now()), readings: 0, refused: 0 }]);
    const account = this.#accountOf(organizationId, Date.now());
    account.used = (found?.readings ?? 0) + account.readings;
    account.most = found?.most ?? null;
  }

  /** Why no more readings are taken today; null: there is room. */
  refusal(organizationId: string, nowMs: number): Drop | null {
    const { used, most } = this.#accountOf(organizationId, nowMs);
    if (most === null || used < most) return null;
    return { reason: "quota", detail: `${quotaWords("readings", most, used)} More is taken from 00:00 UTC on.` };
  }

  took(organizationId: string, readings: number, nowMs: number): void {
    const account = this.#accountOf(organizationId, nowMs);
    account.used += readings;
    account.readings += readings;
  }

  refused(organizationId: string, readings: number, nowMs: number): void {
    this.#accountOf(organizationId, nowMs).refused += readings;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flush();
  }

  #accountOf(organizationId: string, nowMs: number): Account {
    const day = dayOf(nowMs);
    let account = this.#accounts.get(organizationId);
    if (!account) {
      account = { day, used: 0, readings: 0, refused: 0, most: null };
      this.#accounts.set(organizationId, account);
    }
    if (account.day !== day) {
      this.#ended.push(added(organizationId, account));
      Object.assign(account, { day, used: 0, readings: 0, refused: 0 });
    }
    this.#timer ??= setTimeout(() => void this.#flush(), flushEveryMs).unref();
    return account;
  }

  /** Those that are known are asked for as well: another process counts, and a plan can change. */
  async #flush(): Promise<void> {
    this.#timer = undefined;
    const today = dayOf(Date.now());
    const entries = this.#ended.splice(0);
    for (const [organizationId, account] of this.#accounts) {
      if (account.day === today || account.readings || account.refused) entries.push(added(organizationId, account));
      else this.#accounts.delete(organizationId);
      account.readings = 0;
      account.refused = 0;
    }
    if (!entries.length) return;
    try {
      for (const { organizationId, day, readings, most } of await addUsage(merged(entries))) {
        const account = this.#accounts.get(organizationId);
        if (!account || account.day !== day) continue;
        account.used = readings + account.readings;
        account.most = most;
      }
    } catch (error) {
      // Counted on at the next turn.
      this.#ended.push(...entries.filter(({ readings, refused }) => readings || refused));
      this.#log.debug({ reason: (error as Error).message }, "the day's readings could not be written down");
    }
  }
}

/** One entry for each organization and day. */
function merged(entries: readonly UsageAdded[]): UsageAdded[] {
  const byDay = new Map<string, UsageAdded>();
  for (const one of entries) {
    const key = `${one.organizationId} ${one.day}`;
    const { readings = 0, refused = 0 } = byDay.get(key) ?? {};
    byDay.set(key, { ...one, readings: one.readings + readings, refused: one.refused + refused });
  }
  return [...byDay.values()];
}

const added = (organizationId: string, { day, readings, refused }: Account): UsageAdded => ({
  ...{ organizationId, day, readings, refused },
});

/** Dates are cheap, but not for every message. */
let known = { untilMs: 0, day: "" };
function dayOf(nowMs: number): string {
  if (nowMs >= known.untilMs || nowMs < known.untilMs - 86_400_000) {
    const day = new Date(nowMs).toISOString().slice(0, 10);
    known = { untilMs: Date.parse(day) + 86_400_000, day };
  }
  return known.day;
}
