import type { Credential } from "../../domain/access/credential.ts";
import type { Mains } from "../../domain/household/mains.ts";
import type { Household } from "../../domain/household/household.ts";

/** What a device publishes: `payload` as the wire has it. */
export interface MqttMessage {
  transport: "mqtt";
  topic: string;
  payload: string;
  retain?: boolean;
}

/** What a device posts. The credential's token goes into the headers when it is sent. */
export interface HttpMessage {
  transport: "http";
  path: string;
  query: string;
  headers: Record<string, string>;
  payload: string;
}

export type Outgoing = MqttMessage | HttpMessage;

/** Where a device stands: whose power it measures. */
export interface House {
  household: Household;
  mains: Mains;
}

/** A device of a real kind. What it says is a function of the house and the time alone. */
export interface SimulatedDevice {
  /** Unique in its fleet: "smart-meter", in the second house "smart-meter-2". */
  key: string;
  /** What people call it. */
  name: string;
  /** Its own clock's times are in its messages: what it holds back during an outage arrives late, but right. */
  hasClock: boolean;
  /** Retained will of an MQTT device, and what it says when it is connected. */
  will?: MqttMessage;
  greeting?: (ms: number) => MqttMessage[];
  /** What it sends at an instant; `tick` counts its reports, for what it sends less often. */
  report(ms: number, tick: number): Outgoing[];
  /** All that a reading of its history needs, in one go. */
  snapshot(ms: number): Outgoing[];
  /** The metrics of its history; the rest (phases' voltages and the like) begins with the live reports. */
  history: { metrics: readonly string[]; everySeconds: Partial<Record<string, number>> };
}

/** A device with what it needs to speak. */
export interface CredentialedDevice {
  device: SimulatedDevice;
  credential: Credential;
}

/** As meters print it: `digits` decimals, cut off, not rounded (a register never shows what has not turned yet). */
export function cut(value: number, digits: number): number {
  const scale = 10 ** digits;
  // The tiny addition keeps 0.3 from being cut to 0.299 by its binary form.
  return Math.floor(value * scale + 1e-6) / scale;
}

export function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
