import type { Reading } from "../reading.ts";
import type { EnergyChannel, Replacement } from "./channel-config.ts";
import type { MeterEvent } from "./event.ts";
import type { Judgement, Judgements } from "./judgement.ts";
import { jumpOf, type Jump } from "./jump.ts";
import { lookahead } from "./lookahead.ts";
import { follows, isDip, isPlausible, mayFall, type Plausibility } from "./plausible.ts";
import { rangeAbove } from "./register-range.ts";
import type { Step } from "./step.ts";

/**
 * What a register's readings mean one after the other (section 2 of the rules): the steps that it turned, and its events, tested in
 * the order jitter, glitch, rollover, reset, replacement. 100, 100.5, 0, 0.5, 1 is 1.5 and a reset; 13423, 13423.5, 0, 13424 is 1
 * and a glitch. A pure function of the readings: the same whatever order they came in.
 */
export interface RegisterInput {
  channel: EnergyChannel;
  /** Ascending, no time twice, finite; the first one is good. */
  readings: readonly Reading[];
  /** What the register may turn in an hour, in its unit, at an instant. */
  limitOf: (timeMs: number) => number;
  /** What a person said of readings. */
  judgements?: Judgements | undefined;
  /** The register's range by the readings before these; absent: these are the first. */
  startRange?: number | undefined;
  /** Later readings exist that were not loaded: what would need them is left undecided. */
  hasMore?: boolean | undefined;
}

export interface RegisterHistory {
  steps: Step[];
  events: MeterEvent[];
  /** Everything up to this reading is decided; -Infinity: there is none. */
  decidedToMs: number;
}

export function readRegister(input: RegisterInput): RegisterHistory {
  return new Register(input).read();
}

/** A reading that nothing returned from and nothing continued, so far. */
interface Open {
  at: number;
  jump: Jump | Judged;
  closedMs: number;
}
interface Judged {
  type: "glitch";
  counted: 0;
}

class Register {
  readonly #channel: EnergyChannel;
  readonly #readings: readonly Reading[];
  readonly #rules: Plausibility;
  readonly #judgements: Judgements | undefined;
  readonly #hasMore: boolean;
  readonly #mayFall: boolean;
  readonly #steps: Step[] = [];
  readonly #events: MeterEvent[] = [];

  /** The last good reading at the running maximum, from which limits count; energy is laid from `#laidToMs`. */
  #good: Reading;
  #laidToMs = 0;
  #range = 0;
  #dips: MeterEvent | null = null;
  #open: Open[] = [];

  constructor({ channel, readings, limitOf, judgements, startRange = 0, hasMore = false }: RegisterInput) {
    this.#channel = channel;
    this.#readings = readings;
    this.#rules = { limitOf, channel, decimals: new WeakMap() };
    this.#mayFall = mayFall(this.#rules);
    this.#judgements = judgements;
    this.#hasMore = hasMore;
    this.#good = readings[0] ?? { timeMs: -Infinity, value: 0 };
    this.#laidToMs = this.#good.timeMs;
    this.#range = Math.max(startRange, this.#rangeAt(this.#good.value));
  }

  read(): RegisterHistory {
    if (this.#isDecided(1)) this.#finish();
    return { steps: this.#steps, events: sorted(this.#events), decidedToMs: this.#laidToMs };
  }

  /** Decides on all readings from `at` on. @returns false: later readings, which were not loaded, have a say. */
  #isDecided(at: number): boolean {
    for (let next: number | null = at; next !== null; next = this.#rolled()) {
      while (next < this.#readings.length) {
        const after = this.#next(next);
        if (after === null) return false;
        next = after;
      }
      if (this.#hasMore) return false;
    }
    return true;
  }

  /** Decides on a reading. @returns the next one to decide on, or null: more readings are needed first. */
  #next(at: number): number | null {
    const reading = this.#readings[at]!;
    const replacements = this.#replacementsUpTo(reading);
    if (replacements.length) return this.#rolled() ?? this.#replace(reading, replacements, at);
    const judgement = this.#judgements?.get(reading.timeMs);
    if (judgement) return this.#judge(at, judgement);
    if (follows(this.#rules, this.#good, reading)) this.#accept(reading, reading.value - this.#good.value);
    else if (isDip(this.#rules, this.#good.value, reading.value)) this.#dip(reading);
    else return this.#jump(at);
    return at + 1;
  }

  #accept(reading: Reading, turned: number, isCovered = true): void {
    this.#steps.push({ fromMs: this.#laidToMs, toMs: reading.timeMs, turned, isCovered });
    this.#settleOpen(reading.timeMs);
    if (this.#dips) {
      this.#dips.plainFromMs = reading.timeMs;
      this.#dips.added = 0;
      this.#dips = null;
    }
    this.#good = reading;
    this.#laidToMs = reading.timeMs;
    if (reading.value >= this.#range) this.#range = this.#rangeAt(reading.value);
  }

  /** A net register, which may fall by itself, has none: it never rolls over. */
  #rangeAt(value: number): number {
    return this.#mayFall ? 0 : rangeAbove(value, this.#rules.channel);
  }

  /** The running maximum counts in its place; a run of dips is one event. */
  #dip(reading: Reading, byPerson = false): void {
    this.#steps.push({ fromMs: this.#laidToMs, toMs: reading.timeMs, turned: 0, isCovered: true });
    this.#settleOpen(reading.timeMs);
    this.#laidToMs = reading.timeMs;
    this.#dips ??= this.#note("jitter", reading, { settledMs: reading.timeMs, byPerson });
    this.#dips.added = this.#good.value - reading.value;
  }

  #jump(at: number): number | null {
    const reading = this.#readings[at]!;
    const window = lookahead(this.#readings, at, this.#end(reading.timeMs));
    if (!window) return null;
    const back = this.#find(this.#good, at, window.end);
    if (back !== null && !this.#climbed(at, back)) {
      const confirmedMs = this.#readings[back]!.timeMs;
      this.#note("glitch", reading, { confirmedMs, plainFromMs: confirmedMs, settledMs: confirmedMs });
      return back;
    }
    const jump = jumpOf(this.#channel, this.#rules, this.#channel.registerMax ?? this.#range, this.#good, reading);
    const continued = this.#find(reading, at, window.end);
    if (continued === null) this.#open.push({ at, jump, closedMs: window.closedMs });
    else this.#settle(reading, jump, this.#readings[continued]!.timeMs, window.closedMs);
    return at + 1;
  }

  /** The first reading after `at` that is plausible after another one. */
  #find(after: Reading, at: number, end: number): number | null {
    for (let i = at + 1; i < end; i++) if (isPlausible(this.#rules, after, this.#readings[i]!)) return i;
    return null;
  }

  /** After a fall: back by steps that max_power allows, having risen before the last of them. */
  #climbed(at: number, back: number): boolean {
    const readings = this.#readings;
    if (readings[at]!.value > this.#good.value) return false;
    let hasRisen = false;
    for (let i = at + 1; i <= back; i++) {
      if (!isPlausible(this.#rules, readings[i - 1]!, readings[i]!)) return false;
      if (i < back && readings[i]!.value > readings[at]!.value) hasRisen = true;
    }
    return hasRisen;
  }

  /** The register is at another level now. */
  #settle(reading: Reading, { type, counted }: Jump, confirmedMs: number | null, settledMs: number): MeterEvent {
    const before = this.#good.value;
    const event = this.#note(type, reading, { counted, confirmedMs, plainFromMs: reading.timeMs, settledMs });
    this.#accept(reading, counted, type !== "replacement");
    event.added = counted - (reading.value - before);
    event.range = this.#range;
    return event;
  }

  /** Later readings went on from elsewhere: what neither came back nor went on was a glitch. */
  #settleOpen(goodMs: number): void {
    for (const { at, jump, closedMs } of this.#open) {
      const byPerson = jump.type === "glitch";
      const settledMs = byPerson ? goodMs : Math.max(closedMs, goodMs);
      this.#note("glitch", this.#readings[at]!, { plainFromMs: goodMs, settledMs, byPerson });
    }
    this.#open = [];
  }

  /** At the end of what is known a rollover counts at once. @returns the reading after it; null: there is none. */
  #rolled(): number | null {
    const first = this.#open.findIndex(({ jump }) => jump.type === "rollover");
    return first < 0 ? null : this.#settleRollover(first);
  }

  #settleRollover(first: number): number {
    const { at, jump } = this.#open[first]!;
    this.#open.length = first;
    this.#settle(this.#readings[at]!, jump as Jump, null, Infinity);
    return at + 1;
  }

  #finish(): void {
    let last = this.#dips ? this.#good.value - this.#dips.added : this.#good.value;
    for (const { at, jump } of this.#open) {
      const reading = this.#readings[at]!;
      const event = this.#note(jump.type === "glitch" ? "glitch" : "pending", reading, {});
      event.byPerson = jump.type === "glitch";
      event.added = last - reading.value;
      last = reading.value;
    }
  }

  #judge(at: number, judgement: Judgement): number {
    const reading = this.#readings[at]!;
    const turned = reading.value - this.#good.value;
    const isUp = turned >= 0 || this.#mayFall;
    if (judgement === "rise") this.#accept(reading, isUp ? turned : 0, isUp);
    else if (judgement === "jitter") this.#dip(reading, true);
    else if (judgement === "glitch") this.#open.push({ at, jump: { type: "glitch", counted: 0 }, closedMs: 0 });
    else {
      const jump = { type: judgement, counted: this.#judged(judgement, reading) };
      this.#settle(reading, jump, null, reading.timeMs).byPerson = true;
    }
    return at + 1;
  }

  #judged(type: Jump["type"], reading: Reading): number {
    if (type === "replacement") return 0;
    if (type === "reset") return this.#mayFall ? reading.value : Math.max(0, reading.value);
    return Math.max(0, (this.#channel.registerMax ?? this.#range) - this.#good.value + reading.value);
  }

  /** Person's replacements between the last good reading and this one. */
  #replacementsUpTo({ timeMs }: Reading): readonly Replacement[] {
    const all = this.#channel.replacements;
    if (!all?.length) return [];
    return all.filter(({ atMs }) => this.#good.timeMs < atMs && atMs <= timeMs);
  }

  /** Another register begins: what the old one still turned, and what the new one has turned since, as far as it was read. */
  #replace(reading: Reading, replacements: readonly Replacement[], at: number): number {
    let level: number | null = this.#good.value;
    let turned = 0;
    let isKnown = true;
    const add = (to: number | null) => {
      if (level !== null && to !== null) turned += this.#mayFall ? to - level : Math.max(0, to - level);
      else isKnown = false;
    };
    for (const { finalValue, firstValue } of replacements) {
      add(finalValue);
      level = firstValue;
    }
    add(reading.value);
    this.#range = 0;
    this.#settle(reading, { type: "replacement", counted: turned }, null, reading.timeMs).byPerson = true;
    this.#steps.at(-1)!.isCovered = isKnown;
    return at + 1;
  }

  /** Where the readings end that may say what a reading at an instant was. */
  #end(timeMs: number): { end: number; endMs: number; isWhole: boolean } {
    const next = this.#channel.replacements?.find(({ atMs }) => atMs > timeMs);
    const last = this.#readings.at(-1)!.timeMs;
    if (!next || last < next.atMs)
      return { end: this.#readings.length, endMs: next?.atMs ?? Infinity, isWhole: !this.#hasMore };
    return { end: this.#readings.findIndex(({ timeMs: t }) => t >= next.atMs), endMs: next.atMs, isWhole: true };
  }

  #note(type: MeterEvent["type"], reading: Reading, known: Partial<MeterEvent>): MeterEvent {
    const event: MeterEvent = {
      type,
      timeMs: reading.timeMs,
      before: this.#good.value,
      after: reading.value,
      counted: 0,
      added: 0,
      confirmedMs: null,
      plainFromMs: Infinity,
      settledMs: Infinity,
      range: this.#range,
      byPerson: false,
      ...known,
    };
    this.#events.push(event);
    return event;
  }
}

const sorted = (events: MeterEvent[]): MeterEvent[] => events.sort((a, b) => a.timeMs - b.timeMs);
