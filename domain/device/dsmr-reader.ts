/**
 * DSMR-reader: dsmr/json (a telegram), dsmr/reading/<field>, dsmr/day-consumption and day-totals, dsmr/current-period,
 * dsmr/consumption/gas and quarter-hour-peak-electricity. Decimals are JSON STRINGS; power kW, energy kWh; times UTC or with an
 * offset. Retained, and unchanged values are not sent again; an absent phase is null or an empty payload.
 * Worked: dsmr/reading/electricity_currently_returned "2.601" is power.export = 2601 W of the device "dsmr".
 * Sources: dsmrreader/dsmr-reader dsmr_mqtt/models/settings/*, services/callbacks.py, services/messages.py.
 */
import type { Decoded, Decoder, Message } from "./device.ts";
import { finished, gather, takeState } from "./gathering.ts";
import type { Gathering } from "./gathering.ts";
import { instantOf } from "./local-clock.ts";
import { describe, isObject, parseJson, textOf } from "./payload.ts";
import type { JsonObject } from "./payload.ts";
import { about, counter, gauge, take, takeFields } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

/** A telegram's fields, of dsmr/json and dsmr/reading/<field>. */
const readingFields = new Map<string, Field>([
  ...[1, 2, 3, 4].flatMap((tariff): [string, Field][] => [
    [`electricity_delivered_${tariff}`, counter(`energy.import.t${tariff}`, "kWh")],
    [`electricity_returned_${tariff}`, counter(`energy.export.t${tariff}`, "kWh")],
  ]),
  ["electricity_currently_delivered", gauge("power.import", "kW")],
  ["electricity_currently_returned", gauge("power.export", "kW")],
  ...[1, 2, 3].flatMap((phase): [string, Field][] => [
    [`phase_currently_delivered_l${phase}`, gauge(`power.import.l${phase}`, "kW")],
    [`phase_currently_returned_l${phase}`, gauge(`power.export.l${phase}`, "kW")],
    [`phase_voltage_l${phase}`, gauge(`voltage.l${phase}`, "V")],
    [`phase_power_current_l${phase}`, gauge(`current.l${phase}`, "A")],
  ]),
  ["extra_device_delivered", counter("gas", "m3")],
]);

/** Sums that restart with each period; their costs and prices are not measured. */
function totals(period: "today" | "month" | "year", namePrefix = ""): Map<string, Field> {
  const fields: [string, Field][] = [
    ["electricity1", counter(`energy.import.${period}.t1`, "kWh")],
    ["electricity2", counter(`energy.import.${period}.t2`, "kWh")],
    ["electricity1_returned", counter(`energy.export.${period}.t1`, "kWh")],
    ["electricity2_returned", counter(`energy.export.${period}.t2`, "kWh")],
    ["electricity_merged", counter(`energy.import.${period}`, "kWh")],
    ["electricity_returned_merged", counter(`energy.export.${period}`, "kWh")],
    ["gas", counter(`gas.${period}`, "m3")],
  ];
  return new Map(fields.map(([name, field]) => [namePrefix + name, field]));
}

/** `delivered` is the position of the gas meter; currently_delivered, the use since the last one, repeats it. */
const gasFields = new Map<string, Field>([["delivered", counter("gas", "m3")]]);
const peakFields = new Map<string, Field>([["average_delivered", gauge("power.demand.average", "kW")]]);

/** The groups of topics, and under which name their JSON and their fields come. */
const groups: ReadonlyMap<string, ReadonlyMap<string, Field>> = new Map([
  ["reading", readingFields],
  ["day-consumption", totals("today")],
  ["day-totals", totals("today")],
  ["current-period", new Map([...totals("month", "current_month_"), ...totals("year", "current_year_")])],
  ["current-month", totals("month")],
  ["current-year", totals("year")],
  ["consumption/gas", gasFields],
  ["consumption/quarter-hour-peak-electricity", peakFields],
  ["meter-stats", new Map<string, Field>()],
]);

const topicPattern = new RegExp(`^(?<device>.+?)/(?<group>${[...groups.keys()].join("|")})(?:/(?<name>[a-z0-9_]+))?$`);
const telegramPattern = /^(?<device>(?:.+\/)?dsmr)\/(?:json|telegram|raw)$/;

interface Topic {
  device: string;
  group: string;
  /** The field of a split topic; undefined: the payload is JSON with all of them. */
  name: string | undefined;
}

function topicOf(topic: string): Topic | undefined {
  const telegram = telegramPattern.exec(topic)?.groups;
  if (telegram) return { device: telegram.device!, group: "reading", name: undefined };
  const split = topicPattern.exec(topic)?.groups;
  if (!split) return undefined;
  const { name } = split;
  return { device: split.device!, group: split.group!, name: name === "json" ? undefined : name };
}

/** Everything under dsmr/, and elsewhere only the fields that are this reader's own. */
function isOurs(topic: string): boolean {
  const parts = topicOf(topic);
  if (!parts) return false;
  if (/(^|\/)dsmr$/.test(parts.device)) return true;
  return parts.group === "reading" && parts.name !== undefined && readingFields.has(parts.name);
}

const path = "/ingest/dsmr-reader";

export const dsmrReader: Decoder = {
  format: "dsmr-reader",
  priority: 80,
  match: (message) => (message.topic === undefined ? message.path === path : isOurs(message.topic)),
  decode,
};

function decode({ topic, payload, config }: Message): Decoded {
  const parts = topic === undefined ? { device: "@token", group: "reading", name: undefined } : topicOf(topic);
  const text = textOf(payload).trim();
  if (!parts || text === "") return { readings: [] };
  const into = gather(parts.device);
  if (parts.name !== undefined) takeSplit(parts.group, parts.name, text, into);
  else {
    const parsed = parseJson(text);
    if (!parsed.ok) return { readings: [], error: parsed.error };
    if (parsed.value === null) return { readings: [] };
    if (!isObject(parsed.value))
      return { readings: [], error: `an object of fields is expected, not ${describe(parsed.value)}` };
    takeJson(parts.group, parsed.value, config?.timezone, into);
  }
  return finished(into);
}

function takeSplit(group: string, name: string, text: string, into: Gathering): void {
  if (group === "meter-stats" && name === "electricity_tariff") return takeState(into, "tariff", tariffOf(text));
  const field = groups.get(group)?.get(name);
  if (field) take(into, field, text, name);
}

/** "0002" and 2 are the same tariff. */
const tariffOf = (text: string): string => text.replace(/^0+(?=\d)/, "");

/** A telegram's own time, and for gas the time at which its meter was read. */
function takeJson(group: string, values: JsonObject, timezone: unknown, into: Gathering): void {
  const time = values.timestamp ?? values.read_at ?? values.read_at_end;
  const timed = about(into, into.device, instantOf(time, timezone) ?? null);
  const { extra_device_delivered: extra, ...others } = values;
  takeFields(timed, groups.get(group)!, others);
  const gas = groups.get(group)!.get("extra_device_delivered");
  const readAt = instantOf(values.extra_device_timestamp, timezone) ?? timed.timeMs;
  if (gas) take(about(into, into.device, readAt), gas, extra, "extra_device_delivered");
}
