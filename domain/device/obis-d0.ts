/**
 * IEC 62056-21 readouts of an optical head (D0, mode C): `1-0:1.8.0*255(00052185.78*kWh)` or short `1.8.0(…)`, units as printed
 * (W and kW mixed), ended by `!`, no CRC. 1.7.0 and 2.7.0 are import and export, 16.7.0 the signed total power. *01 to *99 are
 * the registers of past periods. Its clock (0.9.1, 0.9.2) has no zone: server time, unless the user set one.
 * Worked: `1-0:21.7.0*255(000747.85*W)` is power.import.l1 = 747.85 W of the device in 96.1.255, else in 0.0.0.
 * Sources: IEC 62056-21; ndokter/dsmr_parser (Q3D); tasmota/docs Smart-Meter-Interface.md.
 */
import type { Decoded, Decoder, Message } from "./device.ts";
import { finished, gather } from "./gathering.ts";
import { obisField } from "./obis.ts";
import { clockOf, isReadout, isTelegram, linesOf, takePrinted, telegramsIn } from "./telegram.ts";
import type { Line } from "./telegram.ts";

const paths = new Set(["/ingest/obis", "/ingest/obis-d0", "/ingest/d0"]);

export const obisD0: Decoder = {
  format: "obis-d0",
  priority: 95,
  match({ topic, path, payload }) {
    if (topic === undefined) return path !== undefined && paths.has(path);
    return isTelegram(payload) && isReadout(payload);
  },
  decode,
};

function decode({ payload, config }: Message): Decoded {
  const telegrams = telegramsIn(payload);
  if (typeof telegrams === "string") return { readings: [], error: telegrams };
  const into = gather("@token");
  for (const { text } of telegrams) {
    const lines = linesOf(text);
    const from = { ...into, device: deviceOf(lines), timeMs: timeOf(lines, config?.timezone) };
    for (const { obis, name, values } of lines) {
      const field = obisField(obis);
      if (field) takePrinted(from, field, values[0]!, name);
    }
  }
  return finished(into);
}

/** The server id (96.1.x), else the owner's number (0.0.x), else the maker's (C.1): leading zeros belong to them. */
const idCodes = [/^96\.1\.\d+$/, /^0\.0\.\d+$/, /^C\.1\.\d+$/];

function deviceOf(lines: Line[]): string {
  for (const code of idCodes) {
    const id = lines.find(({ obis, values }) => code.test(obis.code) && values[0]!.trim() !== "")?.values[0];
    if (id !== undefined) return id.trim();
  }
  return "@token";
}

/** 0.9.2 is the date (yymmdd, or with a digit for the season before it) and 0.9.1 the time of day; or 1.0.0 has both. */
function timeOf(lines: Line[], timezone: unknown): number | null {
  const digits = (code: string): string | undefined =>
    lines.find(({ obis }) => obis.code === code)?.values[0]!.replace(/[-:.]/g, "");
  const both = digits("1.0.0");
  if (both !== undefined) return clockOf(both, timezone) ?? null;
  const date = digits("0.9.2")?.slice(-6) ?? "";
  return clockOf(date + (digits("0.9.1")?.slice(-6) ?? ""), timezone) ?? null;
}
