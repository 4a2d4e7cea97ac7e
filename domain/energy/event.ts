/**
 * What a register did besides counting up. Worked: 999,984 and then 20 on a register of six digits is a rollover at the second
 * reading: 16 were left and 20 came, so it counted 36 where the plain difference says -999,964.
 */
export const eventTypes = ["jitter", "glitch", "rollover", "reset", "replacement", "pending"] as const;
export type EventType = (typeof eventTypes)[number];

/** Values are in the channel's unit; instants are epoch milliseconds. */
export interface MeterEvent {
  type: EventType;
  /** The first wrong or new reading. */
  timeMs: number;
  /** The level before it, and what the reading at `timeMs` says. */
  before: number;
  after: number;
  /** What the jump itself counted: a rollover's rest of the range and new value, a reset's new value; else 0. */
  counted: number;
  /** What it adds to (or, negative, drops from) the last reading minus the first: so that buckets and register reconcile. */
  added: number;
  /** The reading that returned to the old level or continued the new one; null: none has, or a person said so. */
  confirmedMs: number | null;
  /** From this reading on the register is good again and at its own value; Infinity: not yet. */
  plainFromMs: number;
  /**
   * Once the events before it are settled, a reading later than this cannot make it another event; Infinity: any later one can.
   * A glitch within what may still turn out to be a glitch itself goes with it.
   */
  settledMs: number;
  /** The next power of ten strictly above the highest good value up to here: the register's range where none is given. */
  range: number;
  /** A person said so: a replacement that was entered, or an event that was re-classified. */
  byPerson: boolean;
}

/** Whether the register was good and at its own value at a reading, by the events around it. */
export function isPlainAt(events: readonly MeterEvent[], timeMs: number): boolean {
  return !events.some((event) => event.timeMs <= timeMs && timeMs < event.plainFromMs);
}
