/**
 * Local times of a file as instants. In the hour that the clock shows twice, the file's own order tells the two apart: going
 * forward, 02:45 and then 02:00 means that the second hour has begun. A time in the hour that the clock leaves out is none.
 */
import { offsetMs } from "../local-time/zone.ts";

const dayMs = 86_400_000;

interface Track {
  lastMs: number;
  isFalling: boolean;
}

export class LocalPlacer {
  #timezone: string;
  #tracks = new Map<string, Track>();

  constructor(timezone: string) {
    this.#timezone = timezone;
  }

  /**
   * @param wallMs what the clock shows, as if it showed UTC. `series`: rows of one series are in one order.
   * @returns null: the clock never shows it. `isAmbiguous`: it shows it twice.
   */
  place(wallMs: number, series = ""): { ms: number; isAmbiguous: boolean } | null {
    const instants = instantsOf(wallMs, this.#timezone);
    if (!instants.length) return null;
    const [early, late] = [Math.min(...instants), Math.max(...instants)];
    const track = this.#tracks.get(series);
    const ms = early === late ? early : choose(early, late, track);
    this.#tracks.set(series, { lastMs: ms, isFalling: isFalling(track, ms) });
    return { ms, isAmbiguous: early !== late };
  }
}

function isFalling(track: Track | undefined, ms: number): boolean {
  if (!track) return false;
  return ms === track.lastMs ? track.isFalling : ms < track.lastMs;
}

function choose(early: number, late: number, track: Track | undefined): number {
  if (!track) return early;
  if (track.isFalling) return late < track.lastMs ? late : early;
  return early > track.lastMs ? early : late;
}

/** The instants at which the zone's clock shows this: one; two at the end of summer time; none at its beginning. */
function instantsOf(wallMs: number, timezone: string): number[] {
  const before = offsetMs(timezone, wallMs - dayMs);
  const after = offsetMs(timezone, wallMs + dayMs);
  if (before === after) return [wallMs - before];
  return [before, after].filter((offset) => offsetMs(timezone, wallMs - offset) === offset).map((o) => wallMs - o);
}
