import type { Bucket } from "./energy-oracle-pieces.ts";

export interface Channel {
  kind: "gauge" | "counter" | "delta";
  unit: string;
  direction?: string;
  maxPowerW?: number;
  registerMax?: number;
  restartsDaily?: boolean;
  expectedIntervalSeconds?: number;
  maxGapSeconds?: number;
  stamp?: "instant" | "start" | "end";
  reporting?: "periodic" | "on-change";
}

/** A case as `energy meter` reads it. */
export interface MeterCase {
  channel: Channel;
  readings: [string, number][];
  from?: string;
  to?: string;
}

export interface MeterEvent {
  type: "jitter" | "glitch" | "rollover" | "reset" | "replacement" | "pending";
  time: string;
}

export type MeterBucket = Omit<Bucket, "reverseKwh"> & { reverseKwh?: number };

/** An answer as `energy meter` prints it. */
export interface MeterAnswer {
  energyKwh: number;
  reverseKwh?: number;
  measuredKwh: number;
  estimatedKwh: number;
  events: MeterEvent[];
  buckets: MeterBucket[];
}

export interface Reading {
  time: number;
  value: number;
}
