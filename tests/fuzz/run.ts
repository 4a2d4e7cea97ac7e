import { isDeepStrictEqual } from "node:util";
import type { DecoderState, Message } from "../../domain/device/device.ts";
import { decodeMessage, type DecodedMessage } from "../../domain/device/registry.ts";
import { mutated } from "./mutate.ts";
import { faultOf } from "./properties.ts";
import { Random } from "./random.ts";
import { seedsOfAll, type Seed } from "./seeds.ts";

/** A decode may not take longer, whatever it is given (a pause of the machine included). */
export const timeLimitMs = 1_000;
/** What one gateway can make a decoder remember, as JSON. */
const largestState = 5_000_000;
const chainLength = 12;

export interface Fault {
  what: string;
  /** Runs it again: `runChain(seed, chain)`. */
  chain: number;
  format: string;
  /** As JSON, with the payload in base64. */
  message: string;
}

export interface Progress {
  inputs: number;
  readings: number;
  slowestMs: number;
  byFormat: Map<string, number>;
  faults: Fault[];
}

const seeds = seedsOfAll();

/**
 * Decodes `inputs` mutated messages in chains, as a gateway sends them: what a decoder remembers goes on to the next. Stops
 * at ten faults. `onChain` is called after each chain.
 */
export function fuzzDecoders(inputs: number, seed: number, onChain?: (progress: Progress) => void): Progress {
  const progress: Progress = { inputs: 0, readings: 0, slowestMs: 0, byFormat: new Map(), faults: [] };
  for (let chain = 0; progress.inputs < inputs && progress.faults.length < 10; chain++) {
    runChain(seed, chain, progress);
    onChain?.(progress);
  }
  return progress;
}

/** One gateway with one format, from what it really sends to what it never would. */
export function runChain(seed: number, chain: number, progress: Progress): void {
  const random = new Random(seed * 1_000_003 + chain);
  const seedMessage = seeds[chain % seeds.length]!;
  const states = new Map<string, DecoderState>();
  const heard: Message[] = [];
  for (const message of seedMessage.before) decode(message, states, heard);
  for (let i = 0; i < chainLength; i++) {
    const source = i === 0 ? seedMessage : random.pick(seeds.filter(({ format }) => format === seedMessage.format));
    const message = addressed(mutated(source, random, seeds), seedMessage, random);
    const fault = check(message, states, heard, progress, random.below(20) === 0);
    if (!fault) continue;
    const asText = JSON.stringify({ ...message, payload: Buffer.from(message.payload).toString("base64") });
    progress.faults.push({ what: fault, chain, format: seedMessage.format, message: asText.slice(0, 20_000) });
    return;
  }
}

/** Mostly the format is named, so that what it gets is not taken by another; the rest finds its way by its shape. */
function addressed(message: Message, { format }: Seed, random: Random): Message {
  return random.below(4) === 0 ? message : { ...message, config: { ...message.config, format } };
}

function decode(message: Message, states: Map<string, DecoderState>, heard: Message[]): DecodedMessage {
  heard.push(message);
  const decoded = decodeMessage(message, (format) => states.get(format));
  if (decoded.state && decoded.format) states.set(decoded.format, decoded.state);
  return decoded;
}

/** The first thing that is wrong with what a decoder makes of a message. */
function check(
  message: Message,
  states: Map<string, DecoderState>,
  heard: Message[],
  progress: Progress,
  isThorough: boolean,
): string | null {
  const before = isThorough ? structuredClone({ message, states }) : undefined;
  const started = performance.now();
  let decoded: DecodedMessage;
  try {
    decoded = decode(message, states, heard);
  } catch (error) {
    return `it throws ${error instanceof Error ? (error.stack ?? error.message).slice(0, 600) : String(error)}`;
  }
  const took = performance.now() - started;
  const format = decoded.format ?? "(unknown)";
  progress.inputs++;
  progress.readings += decoded.readings.length;
  progress.slowestMs = Math.max(progress.slowestMs, took);
  progress.byFormat.set(format, (progress.byFormat.get(format) ?? 0) + 1);
  if (took > timeLimitMs) return `it takes ${Math.round(took)} ms`;
  return faultOf(decoded, heard) ?? faultOfState(decoded) ?? (before ? impurity(before, decoded) : null);
}

function faultOfState({ state }: DecodedMessage): string | null {
  if (Object.keys(Object.prototype).length > 0) return "it changes what all objects have";
  if (!state) return null;
  const asJson = JSON.stringify(state);
  if (asJson.length > largestState) return `its state has ${asJson.length} characters`;
  return null;
}

/** Pure: the same message and state give the same again, and both are left as they were. */
function impurity(
  before: { message: Message; states: Map<string, DecoderState> },
  decoded: DecodedMessage,
): string | null {
  const copy = structuredClone(before);
  const again = decodeMessage(before.message, (format) => before.states.get(format));
  if (!isDeepStrictEqual(copy, before)) return "it changes the message or the state that it is given";
  if (!isDeepStrictEqual(again, decoded)) return "the same message gives something else the second time";
  if (decoded.state && !isDeepStrictEqual(JSON.parse(JSON.stringify(decoded.state)), decoded.state))
    return "its state is no plain JSON";
  return null;
}
