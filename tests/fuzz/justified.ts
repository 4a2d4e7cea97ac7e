/**
 * No reading that its message does not justify: every number that comes out is a number that stands in what came in, times
 * a factor between units, or the sum or difference of two (import = total - returned), or the total of its own parts.
 */
import type { Message } from "../../domain/device/device.ts";
import type { DecodedReading } from "../../domain/reading.ts";

/** Canonical value = number x factor: prefixes, watt-minutes, joules, and percent. */
const factors = [
  1,
  1e3,
  1e-3,
  1e6,
  1e-6,
  1e9,
  1e-9,
  100,
  0.01,
  1 / 60_000,
  1 / 3600,
  1 / 3.6e6,
  1 / 3.6,
  1000 / 3.6,
  60 / 1000,
];
/** Gas, water and heat in the units of utilities. */
const utilityFactors = [
  0.028316846592,
  0.003785411784,
  0.00454609,
  1055.05585262 / 3.6e6,
  105_480_400 / 3.6e6,
  1055.05585262 / 3600,
];
/** Formats in which the message itself says the power of ten. */
const saysItsPowerOfTen = new Set(["green-button"]);
const binaryFormats = new Set(["sparkplug-b"]);

const precision = 1e-7;

export class Justified {
  #numbers: Float64Array;
  #factors: readonly number[];

  constructor(heard: readonly Message[], format: string | null) {
    const found = new Set<number>();
    for (const message of heard) {
      for (const text of textsOf(message)) addNumbers(text, found);
      if (format !== null && binaryFormats.has(format)) addBinary(message.payload, found);
    }
    for (const number of [...found]) found.add(-number);
    this.#numbers = Float64Array.from([...found].filter(Number.isFinite)).sort();
    this.#factors = [...factors, ...utilityFactors];
    if (format !== null && saysItsPowerOfTen.has(format)) this.#factors = withPowersOfTen(this.#factors);
  }

  /** Whether what came in justifies this reading. Truths and words are not numbers: they are not judged here. */
  holds({ value, metric, unit }: DecodedReading, all: readonly DecodedReading[]): boolean {
    if (typeof value !== "number" || (value === 0 && this.#has(0))) return true;
    if (this.#factors.some((factor) => this.#has(value / factor))) return true;
    if (unit === "degC" && (this.#has(value * 1.8 + 32) || this.#has(value + 273.15))) return true;
    if (this.#factors.some((factor) => this.#isOfTwo(value / factor))) return true;
    const parts = all.filter((other) => other.metric.startsWith(`${metric}.`) && typeof other.value === "number");
    const total = parts.reduce((sum, part) => sum + Number(part.value), 0);
    return parts.length > 1 && Math.abs(total - value) <= precision * Math.abs(value);
  }

  /** `tolerance` is absolute: a small sum of large numbers must be as exact as any other value. */
  #has(value: number, tolerance = precision * Math.abs(value)): boolean {
    let low = 0;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#numbers[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return [this.#numbers[low], this.#numbers[low - 1]].some(
      (n) => n !== undefined && Math.abs(n - value) <= tolerance,
    );
  }

  /** Both signs of every number are in the list, so a difference is a sum. */
  #isOfTwo(value: number): boolean {
    return (
      this.#numbers.length < 2000 &&
      this.#numbers.some((number) => this.#has(value - number, precision * Math.abs(value)))
    );
  }
}

function withPowersOfTen(some: readonly number[]): number[] {
  return Array.from({ length: 61 }, (_, i) => 10 ** (i - 30)).flatMap((power) => some.map((factor) => factor * power));
}

/** Everything in a message that could hold a number: payload, topic, path and query, also with its escapes undone. */
function textsOf({ payload, topic = "", path = "", query = "" }: Message): string[] {
  const body = new TextDecoder().decode(payload);
  const texts = [body, topic, path, query];
  if (body.includes("%") || query.includes("%")) texts.push(unescaped(body), unescaped(query));
  if (body.includes("\\u"))
    texts.push(body.replace(/\\u00([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16))));
  return texts;
}

const unescaped = (text: string): string =>
  text.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));

/** Every number of a text, however it is cut off from what stands around it: "2.5e3" is 2500, and 2.5 and 3 too. */
function addNumbers(text: string, into: Set<number>): void {
  for (const [token] of text.matchAll(/(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/g)) {
    into.add(Number(token));
    const plain = /^[\d.]+/.exec(token)![0];
    if (plain !== token) into.add(Number(plain));
  }
}

/** Protobuf: at every place, the fixed and the variable-length numbers that could begin there. */
function addBinary(payload: Uint8Array, into: Set<number>): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let at = 0; at < payload.length; at++) {
    if (at + 4 <= payload.length) addFloat(view.getFloat32(at, true), into);
    if (at + 8 <= payload.length) into.add(view.getFloat64(at, true));
    addVarint(payload, at, into);
  }
}

/** A float of 32 bits, and the decimals that are the same float: of very small ones, they are far apart. */
function addFloat(float: number, into: Set<number>): void {
  into.add(float);
  for (const digits of [6, 7, 8]) {
    const decimal = Number(float.toPrecision(digits));
    if (Math.fround(decimal) === float) into.add(decimal);
  }
}

function addVarint(payload: Uint8Array, at: number, into: Set<number>): void {
  let value = 0n;
  for (let i = 0; i < 10 && at + i < payload.length; i++) {
    const byte = payload[at + i]!;
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) break;
  }
  for (const bits of [8, 16, 32, 64]) {
    into.add(Number(BigInt.asIntN(bits, value)));
    into.add(Number(BigInt.asUintN(bits, value)));
  }
}
