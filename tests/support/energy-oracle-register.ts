import { Decimal as AnyDecimal } from "decimal.js";
import { HOUR, MINUTE, median } from "./energy-oracle-pieces.ts";
import type { Piece } from "./energy-oracle-pieces.ts";
import type { Channel, MeterEvent, Reading } from "./energy-case.ts";
import { laid } from "./energy-oracle-profile.ts";

// Exact, so that a value that lies just on a limit is on the side that the text says.
const Decimal = AnyDecimal.clone({ precision: 60 });
type Exact = InstanceType<typeof Decimal>;

/** A reading of the register in kWh, exactly as it was sent; `unit` is one of the last decimal place that it was sent with. */
interface Level {
  time: number;
  kwh: Exact;
  unit: Exact;
}

const IN_KWH: Record<string, string> = { Wh: "0.001", MWh: "1000" };

function level(channel: Channel, { time, value }: Reading): Level {
  const sent = new Decimal(value);
  const factor = IN_KWH[channel.unit] ?? "1";
  return { time, kwh: sent.times(factor), unit: new Decimal(10).pow(-sent.decimalPlaces()).times(factor) };
}

type Kind = "glitch" | "rollover" | "reset" | "replacement" | "pending";

interface Verdict {
  type: Kind;
  /** Does a reading in the window go on from the new level (or the old one, of a glitch)? */
  settled: boolean;
  /** The reading with which it goes on: of a glitch the one after the wrong ones. */
  next: number;
}

/** What the table says of reading `i`, which is neither plausible after the last good one nor a dip of jitter. */
class Judge {
  constructor(
    private readonly channel: Channel,
    private readonly levels: Level[],
    private readonly maxKw: Exact,
  ) {}

  /** The most that max_power lets the register rise from one reading to the other. */
  allowed(from: Level, to: Level): Exact {
    const step = Decimal.min(from.unit, to.unit, 1);
    return this.maxKw
      .times(to.time - from.time)
      .div(HOUR)
      .plus(step);
  }

  jitter(good: Level): Exact {
    return Decimal.max(0, Decimal.min(good.kwh.times("0.001"), "0.5"));
  }

  plausible(good: Level, reading: Level): boolean {
    const rise = reading.kwh.minus(good.kwh);
    return rise.gte(this.jitter(good).neg()) && rise.lte(this.allowed(good, reading));
  }

  private glitchWindow(i: number): number[] {
    const first = this.levels[i]!;
    return [...this.levels.keys()].filter(
      (j) => j > i && (j <= i + 3 || this.levels[j]!.time <= first.time + 15 * MINUTE),
    );
  }

  /** Has the register, from its fall at `i`, counted its way back up to `back`? */
  private climbed(i: number, back: number): boolean {
    const way = this.levels.slice(i, back + 1);
    const risen = way.slice(1, -1).some((reading) => reading.kwh.gt(way[0]!.kwh));
    return risen && way.slice(1).every((reading, k) => this.plausible(way[k]!, reading));
  }

  private rollsOver(good: Level, fallen: Level, highest: Exact): boolean {
    const range = this.range(highest);
    const turned = range.minus(good.kwh).plus(fallen.kwh);
    return (
      !this.channel.restartsDaily &&
      good.kwh.gte(range.times("0.98")) &&
      good.kwh.lte(range) &&
      fallen.kwh.gte(0) &&
      fallen.kwh.lte(range.times("0.02")) &&
      turned.lte(this.allowed(good, fallen))
    );
  }

  range(highest: Exact): Exact {
    if (this.channel.registerMax) return level(this.channel, { time: 0, value: this.channel.registerMax }).kwh;
    let power = new Decimal("1e-9");
    while (power.lte(highest)) power = power.times(10);
    return power;
  }

  private nature(good: Level, wrong: Level, highest: Exact): "rollover" | "reset" | "replacement" {
    if (wrong.kwh.gte(good.kwh)) return "replacement";
    if (this.rollsOver(good, wrong, highest)) return "rollover";
    const nearZero = wrong.kwh.gte(0) && wrong.kwh.lte(this.allowed(good, wrong)) && wrong.kwh.lte(good.kwh.div(2));
    return nearZero ? "reset" : "replacement";
  }

  verdict(good: Level, i: number, highest: Exact): Verdict {
    const wrong = this.levels[i]!;
    const window = this.glitchWindow(i);
    const back = window.find((j) => this.plausible(good, this.levels[j]!));
    if (back !== undefined && !(wrong.kwh.lt(good.kwh) && this.climbed(i, back)))
      return { type: "glitch", settled: true, next: back };
    const continued = window.some((j) => this.plausible(wrong, this.levels[j]!));
    const nature = this.nature(good, wrong, highest);
    const later = i + 1 < this.levels.length && !continued ? this.verdict(good, i + 1, highest) : undefined;
    // What counts at once gives way to what is known, not to what only counts at once as well.
    const overtaken = nature === "rollover" ? later?.settled : later && later.type !== "pending";
    if (overtaken) return { type: "glitch", settled: later!.settled, next: i + 1 };
    if (continued || nature === "rollover") return { type: nature, settled: continued, next: i + 1 };
    return { type: "pending", settled: false, next: i + 1 };
  }
}

/** 100 kW or 20 x the median pace of the rises, where no fuse is given. */
function maxKw(channel: Channel, levels: Level[]): Exact {
  if (channel.maxPowerW) return new Decimal(channel.maxPowerW).div(1000);
  const paces = levels.slice(1).flatMap((reading, i) => {
    const rise = reading.kwh.minus(levels[i]!.kwh);
    return rise.gt(0)
      ? [
          rise
            .times(HOUR)
            .div(reading.time - levels[i]!.time)
            .toNumber(),
        ]
      : [];
  });
  return Decimal.max(100, new Decimal(median(paces) ?? 0).times(20));
}

/** A register that may fall (both ways): what it rises is forward, what it falls is reverse. */
function netPieces(levels: Level[], maxGap: number): Piece[] {
  return laid(
    levels.slice(1).map((reading, i) => {
      const before = levels[i]!;
      return { from: before.time, to: reading.time, kwh: reading.kwh.minus(before.kwh).toNumber() };
    }),
    maxGap,
  );
}

/** What a register counted, and its events. */
export function registerPieces(channel: Channel, readings: Reading[], maxGap: number) {
  const levels = readings.map((reading) => level(channel, reading));
  const events: MeterEvent[] = [];
  if (levels.length === 0) return { pieces: [], events };
  if (channel.direction === "both") return { pieces: netPieces(levels, maxGap), events };
  const judge = new Judge(channel, levels, maxKw(channel, levels));
  const counted: { from: number; to: number; kwh: number }[] = [];
  let good = levels[0]!;
  let highest = good.kwh;
  let since = good.time;
  let dipped = false;
  const event = (type: MeterEvent["type"], time: number) => events.push({ type, time: new Date(time).toISOString() });
  const goOn = (to: Level, kwh: Exact | null) => {
    if (kwh) counted.push({ from: since, to: to.time, kwh: kwh.toNumber() });
    good = to;
    since = to.time;
    highest = Decimal.max(highest, to.kwh);
  };
  for (let i = 1; i < levels.length;) {
    const reading = levels[i]!;
    const rise = reading.kwh.minus(good.kwh);
    if (judge.plausible(good, reading)) {
      if (rise.lt(0) && !dipped) event("jitter", reading.time);
      dipped = rise.lt(0);
      // A dip is ignored: the reading of the running maximum stays the last good one, and has counted until here.
      if (dipped) counted.push({ from: since, to: (since = reading.time), kwh: 0 });
      else goOn(reading, rise);
      i += 1;
      continue;
    }
    const { type, next } = judge.verdict(good, i, highest);
    event(type, reading.time);
    if (type === "rollover") goOn(reading, judge.range(highest).minus(good.kwh).plus(reading.kwh));
    if (type === "reset") goOn(reading, reading.kwh);
    if (type === "replacement") goOn(reading, null);
    if (type !== "glitch") dipped = false;
    i = next;
  }
  return { pieces: laid(counted, maxGap), events };
}
