import type { Kind } from "./channel.ts";

/** A reading as a decoder gives it: who, what, how much, when. Units are canonical, or null where the message is silent. */
export interface DecodedReading {
  /** The name that the message gives its device; "@token": none, so the credential decides. */
  device: string;
  /** Vocabulary name (`power`, `energy.import.l1`) or, in free formats, the sender's own (`mains.power`). */
  metric: string;
  /** number for gauge, counter and delta; boolean or string for state. Always finite. */
  value: number | boolean | string;
  unit: string | null;
  /** Unix epoch in milliseconds (fractions allowed: microseconds survive); null: the message has no time, use arrival. */
  timeMs: number | null;
  kind: Kind;
  tags?: Record<string, string>;
  /** Length of the interval of a delta, in seconds: its time is then the interval's beginning, else its end. */
  durationS?: number;
}

/** A channel's reading as stored: epoch milliseconds and a number in the channel's canonical unit. */
export interface Reading {
  timeMs: number;
  value: number;
}
