/**
 * What goes wrong in a house: the router reboots or is gone for hours a few times a year, one device loses its radio, a
 * message is delivered twice, what was held back arrives in a burst. By seed, so that it can be told again.
 */
import { between, chanceOf } from "../../domain/household/random.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Whether a device's reports of an instant were lost for good. */
export type Lost = (ms: number) => boolean;

/** @param key the device's own troubles; those of the router are the same for all devices of a seed. */
export function outagesOf(seed: number, key: string): Lost {
  const router = troubles(seed, "router", {
    everyMs: 73 * dayMs,
    share: 0.85,
    shortestMs: 1.2 * hourMs,
    longestMs: 6 * hourMs,
  });
  const reboots = troubles(seed, "reboot", {
    everyMs: 23 * dayMs,
    share: 0.8,
    shortestMs: 3 * 60_000,
    longestMs: 9 * 60_000,
  });
  const radio = troubles(seed, `radio ${key}`, {
    everyMs: 41 * dayMs,
    share: 0.6,
    shortestMs: 0.3 * hourMs,
    longestMs: 2.5 * hourMs,
  });
  return (ms) => router(ms) || reboots(ms) || radio(ms);
}

interface Trouble {
  everyMs: number;
  /** In how many of the periods it happens. */
  share: number;
  shortestMs: number;
  longestMs: number;
}

function troubles(seed: number, name: string, { everyMs, share, shortestMs, longestMs }: Trouble): Lost {
  const chance = chanceOf(seed, name);
  return (ms) => {
    const period = Math.floor(ms / everyMs);
    if (chance(3 * period) >= share) return false;
    const length = between(chance(3 * period + 1), shortestMs, longestMs);
    const from = period * everyMs + chance(3 * period + 2) * (everyMs - length);
    return ms >= from && ms < from + length;
  };
}

/** What happens to a live report. */
export type Delivery = "once" | "twice" | "held";

/** How long the radio is away when a report is held. */
export const heldMs = 18_000;

/** About one report in 150 is delivered twice, one in 400 begins a short silence that ends in a burst. */
export function deliveriesOf(seed: number, key: string): (tick: number) => Delivery {
  const chance = chanceOf(seed, `delivery ${key}`);
  return (tick) => {
    const share = chance(tick);
    if (share < 1 / 400) return "held";
    return share > 1 - 1 / 150 ? "twice" : "once";
  };
}
