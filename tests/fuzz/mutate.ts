/** Inputs that were meant to be messages, and no longer are; and inputs made by the grammars of the wire formats. */
import type { Message } from "../../domain/device/device.ts";
import type { Random } from "./random.ts";
import type { Seed } from "./seeds.ts";

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What stands where a number is expected. */
const hostileTokens = [
  ..."NaN|-NaN|Infinity|1e999|-1e999|1e308|5e-324|-0|0|00|1.|.5|0x1F|1e|--1|9007199254740993|18446744073709551616".split(
    "|",
  ),
  ...'null|true|""|"NaN"|"unavailable"|"1e999"|"12,5"|" 7 "|[]|{}|[[1]]|{"value":1}|1 2|٣|１|"\\ud800"|-'.split("|"),
];
const prototypeKeys = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

type Mutation = (bytes: Uint8Array, random: Random, seeds: readonly Seed[]) => Uint8Array;

function cut(bytes: Uint8Array, random: Random): [number, number] {
  const from = random.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + random.below(random.pick([4, 40, 400])))];
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Replaces one match of `pattern` that chance picks. */
function replaceOne(bytes: Uint8Array, pattern: RegExp, random: Random, by: (match: string) => string): Uint8Array {
  const body = text(bytes);
  const matches = [...body.matchAll(pattern)];
  if (matches.length === 0) return bytes;
  const match = random.pick(matches);
  return utf8.encode(body.slice(0, match.index) + by(match[0]) + body.slice(match.index + match[0].length));
}

const bitFlips: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  for (let i = 0; i <= random.below(8) && copy.length > 0; i++)
    copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
};
const truncation: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));
const removal: Mutation = (bytes, random) => {
  const [from, to] = cut(bytes, random);
  return joined(bytes.slice(0, from), bytes.slice(to));
};
const duplication: Mutation = (bytes, random) => {
  const [from, to] = cut(bytes, random);
  return joined(bytes.slice(0, to), bytes.slice(from));
};
const insertion: Mutation = (bytes, random) => {
  const [at] = cut(bytes, random);
  return joined(bytes.slice(0, at), random.bytes(1 + random.below(8)), bytes.slice(at));
};
const splice: Mutation = (bytes, random, seeds) => {
  const other = random.pick(seeds).message.payload;
  return joined(bytes.slice(0, random.below(bytes.length + 1)), other.slice(random.below(other.length + 1)));
};
const hostileNumber: Mutation = (bytes, random) => replaceOne(bytes, number, random, () => random.pick(hostileTokens));
const hostileString: Mutation = (bytes, random) =>
  replaceOne(bytes, /"[^"]*"/g, random, () => random.pick(hostileTokens));
const removedNumber: Mutation = (bytes, random) => replaceOne(bytes, number, random, () => random.pick(["", "null"]));
const otherNumber: Mutation = (bytes, random) =>
  replaceOne(bytes, number, random, () => String((random.next() - 0.5) * 10 ** (random.below(40) - 15)));
const swappedNumbers: Mutation = (bytes, random) => {
  const numbers = text(bytes).match(number) ?? [];
  return numbers.length === 0 ? bytes : replaceOne(bytes, number, random, () => random.pick(numbers));
};
const hugeString: Mutation = (bytes, random) =>
  replaceOne(
    bytes,
    /"[^"]*"|\w+/g,
    random,
    () => `"${random.pick(["x", "9", "\\", "é", "{", "/"]).repeat(random.below(20_000))}"`,
  );
const deepNesting: Mutation = (bytes, random) => {
  const depth = random.pick([20, 200, 20_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ["<a>", "</a>"],
    ["(", ")"],
  ] as const);
  return replaceOne(
    bytes,
    /-?\d+(?:\.\d+)?|"[^"]*"/g,
    random,
    (match) => open.repeat(depth) + match + close.repeat(random.pick([0, depth])),
  );
};
/** What a pattern that backtracks would take minutes for: long enough that its square is beyond the time limit. */
const runs = [
  "0",
  "9",
  "a",
  " ",
  "\t",
  "\n",
  "\r\n",
  ",",
  "=",
  ".",
  "(",
  ")",
  "\\",
  '"',
  "<",
  "&",
  "%",
  "!",
  "/",
  "-",
  "e",
  "1,",
  "(1)",
  "a=1,",
  "[1],",
  "!\n/",
];
const longRun: Mutation = (bytes, random) => {
  const [at] = cut(bytes, random);
  const fill = random.pick(runs);
  const run = utf8.encode(fill.repeat(Math.ceil(60_000 / fill.length)) + random.pick(["", "x", "1", '"', "("]));
  return joined(bytes.slice(0, at), run, bytes.slice(at));
};
const prototypeKey: Mutation = (bytes, random) =>
  replaceOne(bytes, /"[^"]*"(?=\s*:)|[A-Za-z_]+(?==)/g, random, (key) => {
    const name = random.pick(prototypeKeys);
    return key.startsWith('"') ? `"${name}"` : name;
  });
const invalidUtf8: Mutation = (bytes, random) => {
  const [at] = cut(bytes, random);
  const broken = random.pick([[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0]]);
  return joined(bytes.slice(0, at), new Uint8Array(broken), bytes.slice(at));
};
const noise: Mutation = (_, random) => random.bytes(random.below(random.pick([4, 64, 512])));
const nothing: Mutation = (bytes) => bytes;

const mutations: readonly Mutation[] = [
  ...[bitFlips, truncation, removal, duplication, insertion, splice, invalidUtf8, noise, nothing],
  ...[
    hostileNumber,
    hostileNumber,
    removedNumber,
    removedNumber,
    otherNumber,
    swappedNumbers,
    prototypeKey,
    hostileString,
  ],
];
/** Long inputs take most of the time, and say little more each. */
const longMutations: readonly Mutation[] = [hugeString, deepNesting, longRun, longRun];

/** A message of the seed's format, changed in one to three ways, or with a payload made by a grammar. */
export function mutated(seed: Seed, random: Random, seeds: readonly Seed[]): Message {
  const message = random.below(30) === 0 ? otherAddress(seed.message, random) : seed.message;
  if (random.below(10) === 0) return { ...message, payload: utf8.encode(random.pick(grammars)(random)) };
  let { payload } = message;
  for (let i = 0; i <= random.below(3); i++)
    payload = random.pick(random.below(200) === 0 ? longMutations : mutations)(payload, random, seeds);
  return { ...message, payload };
}

/** The address of a message, changed as its payload may be. */
function otherAddress(message: Message, random: Random): Message {
  const change = (part: string): string => text(random.pick(mutations)(utf8.encode(part), random, [])).slice(0, 70_000);
  const { topic, query, path } = message;
  if (topic !== undefined)
    return { ...message, topic: random.below(4) === 0 ? `${topic}/__proto__` : safely(change, topic) };
  if (query !== undefined && random.below(2) === 0) return { ...message, query: safely(change, query) };
  return path === undefined ? message : { ...message, path: safely(change, path) };
}

/** Splicing needs other seeds, which an address has not. */
function safely(change: (part: string) => string, part: string): string {
  try {
    return change(part);
  } catch {
    return part;
  }
}

const names = ["power", "energy.import", "time", "device", "value", "ts", "voltage", "__proto__", "metric", "kWh", ""];

function json(random: Random, depth = 0): string {
  const kind = random.below(depth > 4 ? 5 : 8);
  if (kind < 2) return String((random.next() - 0.5) * 10 ** random.below(20));
  if (kind === 2) return random.pick(hostileTokens);
  if (kind === 3) return JSON.stringify(random.pick(names));
  if (kind === 4) return String(random.below(2_000_000_000));
  const items = Array.from({ length: random.below(5) }, () => json(random, depth + 1));
  if (kind === 5) return `[${items.join(",")}]`;
  return `{${items.map((item) => `${JSON.stringify(random.pick(names))}:${item}`).join(",")}}`;
}

function lineProtocol(random: Random): string {
  const word = (): string => random.pick([...names, "a\\,b", "c d", "e=f", '"g"', "h\\", "é"]);
  const value = (): string =>
    random.pick(["1", "2.5i", "3u", "t", '"x y"', "-1e3", "NaN", "1.5i", ".5", ...hostileTokens]);
  const line = (): string => {
    const tags = Array.from({ length: random.below(3) }, () => `,${word()}=${word()}`).join("");
    const fields = Array.from({ length: 1 + random.below(3) }, () => `${word()}=${value()}`).join(",");
    return `${word()}${tags} ${fields}${random.pick(["", ` ${1.7e9 + random.below(1e8)}`, " x", " 1 2"])}`;
  };
  return Array.from({ length: 1 + random.below(4) }, line).join(random.pick(["\n", "\r\n", "\n\n"]));
}

function obis(random: Random): string {
  const code = (): string =>
    `${random.below(3)}-${random.below(4)}:${random.below(100)}.${random.below(10)}.${random.below(3)}`;
  const value = (): string =>
    random.pick([
      "000123.456*kWh",
      "1.5*kW",
      "230.1*V",
      "(0)",
      "*kWh",
      "999999.999*kWh",
      "1e999*kWh",
      "-1*W",
      "250314092653W",
      "",
    ]);
  const line = (): string => `${code()}${random.pick(["", "*255"])}(${value()})${random.pick(["", "(1)", "("])}`;
  const lines = Array.from({ length: 1 + random.below(8) }, line);
  return `${random.pick(["/ISK5\\2M550T-1012\r\n\r\n", ""])}${lines.join("\r\n")}\r\n${random.pick(["!", "!0000\r\n", ""])}`;
}

const scalar = (random: Random): string =>
  random.pick([...hostileTokens, String(random.next() * 1000), "on", "online"]);

const grammars = [json, json, lineProtocol, obis, scalar];
