/**
 * DSMR P1 telegrams (NL, BE eMUCS, LU Smarty, SE HAN): `/`…`!CRC`, CRC16/ARC over `/` to `!` inclusive (4 hex digits, leading
 * zeros sometimes dropped; DSMR 2.2 and 3 have none). Import and export are apart and unsigned, printed in kW and kWh. Each M-Bus
 * sub-meter (gas 3, heat 4, water 7) is a device of its own with its own clock; one that is absent has an empty id or a clock of
 * 632525252525S. Ids are hex of ASCII, which some bridges already read.
 * Worked: 1-0:2.7.0(02.601*kW) at 0-0:1.0.0(250621130510S) is power.export = 2601 W at 2025-06-21T11:05:10Z.
 * Sources: DSMR P1 5.0.2, Smarty P1 1.1.3, HAN H1 2.0 (esphome-libs/dsmr_parser specs); ndokter/dsmr_parser.
 */
import type { Decoded, Decoder, Message } from "./device.ts";
import { finished, gather, takeState } from "./gathering.ts";
import type { Gathering } from "./gathering.ts";
import { obisField } from "./obis.ts";
import { clockOf, isReadout, isTelegram, linesOf, takePrinted, telegramsIn } from "./telegram.ts";
import type { Line, Telegram } from "./telegram.ts";
import { about, counter } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

const paths = new Set(["/ingest/p1", "/ingest/dsmr", "/ingest/dsmr-p1"]);
const rawTopic = /(^|\/)(dsmr|p1|dsmr-p1)\/(raw|telegram)$/;

export const dsmrP1: Decoder = {
  format: "dsmr-p1",
  priority: 95,
  match({ topic, path, payload }) {
    if (topic === undefined) return path !== undefined && paths.has(path);
    return rawTopic.test(topic) || (isTelegram(payload) && !isReadout(payload));
  },
  decode,
};

function decode({ transport, payload, config }: Message): Decoded {
  // An empty retained message only clears the topic.
  if (payload.length === 0 && transport === "mqtt") return { readings: [] };
  if (payload[0] === 0xdb) return { readings: [], error: "an encrypted telegram: it must be decrypted on site" };
  const telegrams = telegramsIn(payload);
  if (typeof telegrams === "string") return { readings: [], error: telegrams };
  const into = gather("@token");
  const mismatch = telegrams.find((telegram) => !isChecked(telegram));
  if (mismatch)
    return { readings: [], error: `CRC mismatch: !${mismatch.checksum.slice(0, 20)} does not fit the telegram` };
  for (const { text } of telegrams) takeTelegram(linesOf(text), config?.timezone, into);
  return finished(into);
}

/** The CRC as it stands, or over the CRLF line ends that a bridge has shortened to LF. */
function isChecked({ bytes, text, checksum }: Telegram): boolean {
  if (checksum === "") return true;
  if (!/^[0-9a-f]{1,4}$/i.test(checksum)) return false;
  const said = parseInt(checksum, 16);
  if (crc16(bytes) === said) return true;
  return !text.includes("\r") && crc16(new TextEncoder().encode(text.replace(/\n/g, "\r\n"))) === said;
}

/** CRC16/ARC: polynomial 0x8005 reflected, from 0. "123456789" gives 0xBB3D. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

function takeTelegram(lines: Line[], timezone: unknown, whole: Gathering): void {
  const value = (medium: string, code: string): string | undefined =>
    lines.find(({ obis }) => obis.medium === medium && obis.code === code)?.values[0];
  const id = value("0-0", "96.1.1") || value("0-0", "42.0.0") || value("0-0", "96.1.0") || "";
  const time = clockOf(value("0-0", "1.0.0") ?? "", timezone) ?? null;
  const into = about(whole, deviceOf(id) || "@token", time);
  const subMeters = new Map<string, Line[]>();
  for (const line of lines) {
    const { medium, code } = line.obis;
    if (medium !== null && /^0-[1-9]/.test(medium)) subMeters.set(medium, [...(subMeters.get(medium) ?? []), line]);
    else if (code === "96.14.0" && line.values[0]) takeState(into, "tariff", line.values[0].replace(/^0+(?=.)/, ""));
    else takeLine(line, timezone, into);
  }
  for (const subMeter of subMeters.values()) takeSubMeter(subMeter, timezone, into);
}

/** Two values are a peak with the time at which it was (1.6.0). */
function takeLine({ obis, name, values }: Line, timezone: unknown, into: Gathering): void {
  const field = obisField(obis);
  if (!field) return;
  if (values.length === 1) return takePrinted(into, field, values[0]!, name);
  const time = clockOf(values[0]!, timezone);
  if (time !== undefined) takePrinted(about(into, into.device, time), field, values[1]!, name);
}

/** `4530303331…` is "E0031…"; what is no hex of readable characters is an id already. */
function deviceOf(id: string): string {
  const text = id.trim();
  if (text.length < 8 || !/^([0-9a-f]{2})+$/i.test(text)) return text;
  const decoded = text.replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)));
  return /^[\x20-\x7e]+$/.test(decoded) ? decoded.trim() : text;
}

/** M-Bus device types (EN 13757-3). */
const media: ReadonlyMap<number, Field> = new Map([
  [2, counter("energy.import", "kWh")],
  [3, counter("gas", "m3")],
  [4, counter("heat", "kWh")],
  [6, counter("water", "m3")],
  [7, counter("water", "m3")],
  [10, counter("cooling", "kWh")],
  [11, counter("cooling", "kWh")],
  [12, counter("heat", "kWh")],
  [13, counter("heat", "kWh")],
  [21, counter("water", "m3")],
  [22, counter("water", "m3")],
]);

const joules = /\*?[GM]J$/;

/** A telegram without types was shortened by its gateway; its m3 is gas, all but always the only one. */
function mediumOf(type: string | undefined, printed: string): Field | undefined {
  if (type !== undefined) return media.get(Number(type));
  if (joules.test(printed)) return media.get(4);
  return media.get(printed.endsWith("kWh") ? 2 : 3);
}

function takeSubMeter(lines: Line[], timezone: unknown, into: Gathering): void {
  const of = (...codes: string[]): Line | undefined => lines.find(({ obis }) => codes.includes(obis.code));
  const id = (of("96.1.1") ?? of("96.1.0"))?.values[0];
  const line = of("24.2.1", "24.2.3", "24.3.0");
  // An id that is there and empty is the mark of a meter that is not.
  if (!line || (id !== undefined && deviceOf(id) === "")) return;
  const { time, printed } = positionOf(line, timezone, into.timeMs);
  const field = mediumOf(of("24.1.0")?.values[0], printed);
  if (!field || time === undefined) return;
  takePrinted(about(into, id === undefined ? into.device : deviceOf(id), time), field, printed, line.name);
}

/**
 * `(time)(value*unit)`; DSMR 2.2 and 3: `(time)(00)(60)(1)(0-1:24.2.0)(m3)(value)`; shortened: `(value*unit)`.
 * A time that is undefined belongs to no meter.
 */
function positionOf(
  { values, obis }: Line,
  timezone: unknown,
  telegramMs: number | null,
): { time: number | null | undefined; printed: string } {
  const printed = values.at(-1)!;
  if (values.length === 1) return { time: telegramMs, printed };
  const time = clockOf(values[0]!, timezone);
  return { time, printed: obis.code === "24.3.0" ? `${printed}*${values.at(-2)!}` : printed };
}
