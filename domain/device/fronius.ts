/**
 * Fronius push service: Solar API v1 answers, {Head: {Status, Timestamp with zone, RequestArguments}, Body: {Data}}. Values
 * stand as {Unit, Values: {"1": x}} (system), {Unit, Value} (one device) or bare (meters, power flow). Energies are Wh. Null,
 * or PAC missing at night, is no reading. P_Grid + is import, P_Load - is consumption, P_Akku + is discharging.
 * Worked: Site {"P_Load":-1020.6,"P_Akku":-1000,"E_Total":26213502} is load.power = 1020.6 W, battery.power = 1000 W
 * (charging), energy.production = 26,213.502 kWh of the device "site".
 * Sources: nielstron/pyfronius; Fronius push service manual 42,0410,2152; evcc's fronius template.
 */
import type { Decoded, Decoder, Message } from "./device.ts";
import {
  flowInverterFields,
  flowMeterFields,
  flowOhmpilotFields,
  inverterFields,
  meterFields,
  ohmpilotFields,
  siteFields,
  storageFields,
} from "./fronius-fields.ts";
import { finished, gather } from "./gathering.ts";
import type { Gathering } from "./gathering.ts";
import { instantOf } from "./local-clock.ts";
import { describe, isObject, numberOf, parseJson, textOf } from "./payload.ts";
import type { Json, JsonObject } from "./payload.ts";
import { about, take, takeFields } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

const path = "/ingest/fronius";

export const fronius: Decoder = {
  format: "fronius",
  priority: 100,
  match: (message) => message.path === path,
  decode,
};

function decode({ payload, config }: Message): Decoded {
  const parsed = parseJson(textOf(payload));
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value) || !isObject(parsed.value.Head) || !isObject(parsed.value.Body))
    return { readings: [], error: "a Solar API answer with Head and Body is expected" };
  const { Head: head, Body: body } = parsed.value;
  const error = statusError(head);
  if (error !== undefined) return { readings: [], error };
  // The push service's manual shows the data right in the body, the Solar API under Data.
  const data = isObject(body.Data) ? body.Data : body;
  const into = gather("site", instantOf(head.Timestamp, config?.timezone) ?? null);
  if (isObject(data.Site)) takePowerFlow(data, data.Site, into);
  else takeDevices(data, isObject(head.RequestArguments) ? head.RequestArguments : {}, into);
  return finished(into);
}

function statusError(head: JsonObject): string | undefined {
  const status = isObject(head.Status) ? head.Status : {};
  const code = numberOf(status.Code);
  if (code === 0 || code === "absent") return undefined;
  const reason = [status.Reason, status.UserMessage].find((text) => typeof text === "string" && text !== "");
  const why = typeof reason === "string" ? `: ${reason.slice(0, 200)}` : "";
  return `device status code ${describe(status.Code)}${why}`;
}

function takePowerFlow(data: JsonObject, site: JsonObject, into: Gathering): void {
  takeFields(into, siteFields, site);
  eachOf(data.Inverters, (id, inverter) => takeFields(about(into, `inverter/${id}`), flowInverterFields, inverter));
  eachOf(data.SecondaryMeters, (id, meter) => takeFields(about(into, `meter/${id}`), flowMeterFields, meter));
  if (!isObject(data.Smartloads)) return;
  eachOf(data.Smartloads.Ohmpilots, (id, load) => takeFields(about(into, `ohmpilot/${id}`), flowOhmpilotFields, load));
}

function eachOf(values: Json | undefined, visit: (id: string, value: JsonObject) => void): void {
  if (!isObject(values)) return;
  for (const id in values) {
    const value = values[id];
    if (isObject(value)) visit(id, value);
  }
}

function takeDevices(data: JsonObject, request: JsonObject, into: Gathering): void {
  const requested = idOf(request.DeviceId ?? request.DeviceIndex);
  if (takeInverters(data, requested ?? "1", into)) return;
  const id = requested ?? "0";
  if (takeDevice(data, id, into)) return;
  // System scope: the devices under their numbers.
  eachOf(data, (key, device) => takeDevice(device, key, into));
}

function idOf(id: Json | undefined): string | undefined {
  return typeof id === "number" || (typeof id === "string" && id !== "") ? String(id) : undefined;
}

/** {"PAC": {Unit, Values | Value}, …}; false: there is no such field, it is no inverter's. */
function takeInverters(data: JsonObject, id: string, into: Gathering): boolean {
  let isInverter = false;
  for (const name in data) {
    const entry = data[name];
    const field = inverterFields.get(name);
    if (!isObject(entry) || !field) continue;
    isInverter = true;
    const measured = unitOf(entry, field);
    if (isObject(entry.Values))
      for (const number in entry.Values)
        take(about(into, `inverter/${number}`), measured, entry.Values[number], `${name} of ${number}`);
    else take(about(into, `inverter/${id}`), measured, entry.Value, name);
  }
  return isInverter;
}

function unitOf(entry: JsonObject, field: Field): Field {
  return typeof entry.Unit === "string" && entry.Unit !== "" ? { ...field, unit: entry.Unit } : field;
}

/** A meter, storage or Ohmpilot by its own fields; false: it is none of them. */
function takeDevice(device: JsonObject, id: string, into: Gathering): boolean {
  if (isObject(device.Controller)) {
    takeFields(about(into, `storage/${id}`), storageFields, device.Controller);
    return true;
  }
  // Both have a PowerReal and an EnergyReal sum; only an Ohmpilot says its power under this name.
  const isOhmpilot = Object.hasOwn(device, "PowerReal_PAC_Sum");
  const fields = isOhmpilot ? ohmpilotFields : meterFields;
  if (!Object.keys(device).some((name) => fields.has(name))) return false;
  takeFields(about(into, `${isOhmpilot ? "ohmpilot" : "meter"}/${id}`), fields, device);
  return true;
}
