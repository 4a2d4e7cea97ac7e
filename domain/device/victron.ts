/**
 * Victron Venus OS (dbus-flashmq): N/<portal>/<service>/<instance>/<D-Bus path>, payload {"value":x}. Null (once: []) is an
 * invalid value, an empty payload a service that left. SI units, energy kWh; battery + is charging, grid + is import. Venus
 * falls silent without a keepalive at least every 60 s: each portal that was heard is asked again and again while its bridge is
 * connected, also after a break. Not retained since Venus 3.20.
 * Worked: N/c0619ab1f2d3/system/0/Ac/Grid/L1/Power {"value":-812.5} is grid.power.l1 = -812.5 W of c0619ab1f2d3/system/0.
 * Sources: victronenergy/dbus-flashmq README; victronenergy/venus wiki, page dbus.
 */
import type { Decoded, Decoder, DecoderState, Message, Request } from "./device.ts";
import { finished, gather, takeState } from "./gathering.ts";
import { describe, isObject, parseJson, textOf } from "./payload.ts";
import type { Json } from "./payload.ts";
import { counter, gauge, tagged, take } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

/** Behind a bridge there may be a prefix: then only a real portal id (12 hex digits) counts. R and W are our own side. */
const topicPattern = /^(?<prefix>|.+\/)(?<kind>[NRW])\/(?<portal>[^/]+)\/(?<rest>.+)$/;
const portalId = /^[0-9a-f]{12}$/i;

export const victron: Decoder = {
  format: "victron",
  priority: 90,
  match: ({ topic }) => topic !== undefined && partsOf(topic) !== undefined,
  decode,
  greet: (state) => topicsOf(state).map(keepalive),
};

const keepalive = (topic: string): Request => ({ topic, payload: "", everyS: 30 });

/** A bridge brings one portal, hardly ever several. */
const mostPortals = 20;

function topicsOf(state: DecoderState | undefined): string[] {
  const topics = state?.keepalives;
  return Array.isArray(topics) ? topics.filter((topic) => typeof topic === "string") : [];
}

/** The state with this portal's topic; undefined: it is there already, or there is no room. */
function remember(state: DecoderState | undefined, topic: string): DecoderState | undefined {
  const topics = topicsOf(state);
  return topics.includes(topic) || topics.length >= mostPortals ? undefined : { keepalives: [...topics, topic] };
}

interface Parts {
  prefix: string;
  isRead: boolean;
  portal: string;
  rest: string;
}

function partsOf(topic: string): Parts | undefined {
  const groups = topicPattern.exec(topic)?.groups;
  if (!groups) return undefined;
  const { prefix, kind, portal, rest } = groups as Record<"prefix" | "kind" | "portal" | "rest", string>;
  if (!(prefix === "" && kind === "N") && !portalId.test(portal)) return undefined;
  return { prefix, isRead: kind === "N", portal, rest };
}

const servicePattern = /^([a-z0-9]+)\/(\d+)\/(.+)$/i;

function decode({ topic, payload }: Message, known: DecoderState | undefined): Decoded {
  const parts = partsOf(topic ?? "");
  if (!parts?.isRead) return { readings: [] };
  const alive = `${parts.prefix}R/${parts.portal}/keepalive`;
  const state = remember(known, alive);
  const asked = { requests: [keepalive(alive)], ...(state && { state }) };
  const service = servicePattern.exec(parts.rest);
  if (!service) return { readings: [], ...asked };
  const [, name, instance, path] = service as unknown as [string, string, string, string];
  const device = `${parts.portal}/${name}/${instance}`;
  return { ...read(device, name, path, textOf(payload)), ...asked };
}

function read(device: string, service: string, path: string, text: string): Decoded {
  const into = gather(device);
  if (text === "") {
    takeState(into, "online", false);
    return finished(into);
  }
  const parsed = parseJson(text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value) || !Object.hasOwn(parsed.value, "value"))
    return { readings: [], error: `an object such as {"value": 143} is expected, not ${describe(parsed.value)}` };
  const value = parsed.value.value!;
  const state = stateOf(path);
  const isOn = state === undefined ? undefined : switched(value);
  if (state !== undefined && isOn !== undefined) takeState(into, state, isOn);
  const field = state === undefined ? fieldOf(service, path) : undefined;
  if (field && !Array.isArray(value)) take(into, field, value, path);
  return finished(into);
}

function stateOf(path: string): string | undefined {
  if (path === "Connected") return "online";
  const relay = /^Relay\/(\d+)\/State$/.exec(path);
  return relay ? `relay.ch${relay[1]!}` : undefined;
}

function switched(value: Json): boolean | undefined {
  if (value === 1 || value === true) return true;
  return value === 0 || value === false ? false : undefined;
}

/** The words of a device: its own power (signed, or what it produces), and its registers forward and backward. */
interface Words {
  power: string;
  forward: string;
  reverse: string;
}

const meter: Words = { power: "power", forward: "energy.import", reverse: "energy.export" };
const producer: Words = { power: "pv.power", forward: "energy.production", reverse: "energy.import" };
const generator: Words = { power: "power.production", forward: "energy.production", reverse: "energy.import" };

/** The services with an AC connection of their own; grid is the meter at the connection point. */
const acServices: ReadonlyMap<string, Words> = new Map([
  ...["grid", "acload", "evcharger", "heatpump", "acsystem", "vebus", "inverter", "multi", "charger"].map(
    (service): [string, Words] => [service, meter],
  ),
  ["pvinverter", producer],
  ["genset", generator],
]);

function fieldOf(service: string, path: string): Field | undefined {
  const words = acServices.get(service);
  return tables.get(service)?.get(path) ?? (words && acField(words, path)) ?? common.get(path);
}

const acPattern = /^Ac\/(?:(ActiveIn|In\/1|Out)\/)?(?:(L[123]|N)\/)?([A-Za-z]+(?:\/[A-Za-z]+)?)$/;

/** `Ac/Power`, `Ac/L2/Energy/Forward`, and the inverter/chargers' `Ac/ActiveIn/L1/P` and `Ac/Out/L1/V`. */
function acField(words: Words, path: string): Field | undefined {
  const match = acPattern.exec(path);
  if (!match) return undefined;
  const [, side, phase, name] = match;
  const suffix = phase === undefined ? "" : `.${phase.toLowerCase()}`;
  const field = acQuantity(side === "Out" ? { ...words, power: "load.power" } : words, name!);
  if (!field) return undefined;
  const named = { ...field, metric: field.metric + suffix };
  return side === "Out" && !field.metric.startsWith("load.") ? tagged(named, { side: "out" }) : named;
}

function acQuantity(words: Words, name: string): Field | undefined {
  if (name === "Power" || name === "P") return gauge(words.power, "W");
  if (name === "Energy/Forward") return counter(words.forward, "kWh");
  if (name === "Energy/Reverse") return counter(words.reverse, "kWh");
  return acQuantities.get(name);
}

const acQuantities: ReadonlyMap<string, Field> = new Map([
  ["Voltage", gauge("voltage", "V")],
  ["V", gauge("voltage", "V")],
  ["Current", gauge("current", "A")],
  ["I", gauge("current", "A")],
  ["Frequency", gauge("frequency", "Hz")],
  ["F", gauge("frequency", "Hz")],
  ["PowerFactor", gauge("power_factor", "1")],
  ["S", gauge("apparent_power", "VA")],
  ["ApparentPower", gauge("apparent_power", "VA")],
  ["ReactivePower", gauge("reactive_power", "var")],
]);

/** `<path>/L1/Power` … of the system's view. Sources that come in at several places are told apart by their tag. */
function perPhase(path: string, prefix: string, tags?: Record<string, string>): [string, Field][] {
  const power = prefix === "genset" ? "power.production" : `${prefix}.power`;
  return ["l1", "l2", "l3"].flatMap((phase): [string, Field][] => {
    const fields: [string, Field][] = [
      ["Power", gauge(`${power}.${phase}`, "W")],
      ["Current", gauge(`${prefix}.current.${phase}`, "A")],
    ];
    return fields.map(([name, field]) => [
      `${path}/${phase.toUpperCase()}/${name}`,
      tags ? tagged(field, tags) : field,
    ]);
  });
}

const system = new Map<string, Field>([
  ...perPhase("Ac/Grid", "grid"),
  ["Ac/Grid/Power", gauge("grid.power", "W")],
  ...perPhase("Ac/Consumption", "load"),
  ["Ac/Consumption/Power", gauge("load.power", "W")],
  ...perPhase("Ac/Genset", "genset", { source: "genset" }),
  ...perPhase("Ac/PvOnGrid", "pv", { input: "grid" }),
  ...perPhase("Ac/PvOnOutput", "pv", { input: "output" }),
  ...perPhase("Ac/PvOnGenset", "pv", { input: "genset" }),
  ["Dc/Pv/Power", tagged(gauge("pv.power", "W"), { input: "dc" })],
  ["Dc/Pv/Current", tagged(gauge("pv.current", "A"), { input: "dc" })],
  ["Dc/System/Power", tagged(gauge("load.power", "W"), { input: "dc" })],
  ["Dc/Battery/Power", gauge("battery.power", "W")],
  ["Dc/Battery/Voltage", gauge("battery.voltage", "V")],
  ["Dc/Battery/Current", gauge("battery.current", "A")],
  ["Dc/Battery/Temperature", gauge("battery.temperature", "degC")],
  ["Dc/Battery/Soc", gauge("soc", "%")],
]);

const battery = new Map<string, Field>([
  ["Dc/0/Power", gauge("battery.power", "W")],
  ["Dc/0/Voltage", gauge("voltage", "V")],
  ["Dc/0/Current", gauge("current", "A")],
  ["Dc/0/Temperature", gauge("temperature", "degC")],
  ["Soc", gauge("soc", "%")],
  ["History/ChargedEnergy", counter("battery.energy.import", "kWh")],
  ["History/DischargedEnergy", counter("battery.energy.export", "kWh")],
]);

/** Yield/User can be reset by the user; Yield/System is the same energy once more, so it must not count beside it. */
const solarCharger = new Map<string, Field>([
  ["Yield/Power", gauge("pv.power", "W")],
  ["Yield/User", counter("energy.production", "kWh")],
  ["Yield/System", counter("energy.production.system", "kWh")],
  ["History/Daily/0/Yield", counter("energy.production.today", "kWh")],
  ["Pv/V", gauge("pv.voltage", "V")],
  ["Pv/I", gauge("pv.current", "A")],
  ...[0, 1, 2, 3].flatMap((tracker): [string, Field][] => [
    [`Pv/${tracker}/P`, gauge(`pv.power.dc${tracker}`, "W")],
    [`Pv/${tracker}/V`, gauge(`voltage.dc${tracker}`, "V")],
    [`Pv/${tracker}/I`, gauge(`current.dc${tracker}`, "A")],
  ]),
  ["Dc/0/Voltage", gauge("battery.voltage", "V")],
  ["Dc/0/Current", gauge("battery.current", "A")],
  ["Load/I", gauge("load.current", "A")],
]);

/** What any service may have. An inverter/charger's DC side is the battery. */
const common = new Map<string, Field>([
  ["Soc", gauge("soc", "%")],
  ["Dc/0/Power", gauge("battery.power", "W")],
  ["Dc/0/Voltage", gauge("battery.voltage", "V")],
  ["Dc/0/Current", gauge("battery.current", "A")],
  ["Dc/0/Temperature", gauge("battery.temperature", "degC")],
  ["Session/Energy", counter("energy.session", "kWh")],
]);

const sensor = new Map<string, Field>([
  ["Temperature", gauge("temperature", "degC")],
  ["Humidity", gauge("humidity", "%")],
]);

const dcMeter = (power: string, history: [string, Field]): Map<string, Field> =>
  new Map([
    ["Dc/0/Power", gauge(power, "W")],
    ["Dc/0/Voltage", gauge("voltage", "V")],
    ["Dc/0/Current", gauge("current", "A")],
    history,
  ]);

const dcLoad = dcMeter("power", ["History/EnergyIn", counter("energy.import", "kWh")]);
const dcSource = dcMeter("power.production", ["History/EnergyOut", counter("energy.production", "kWh")]);
const solarInputs = new Map([...solarCharger].filter(([path]) => /^(Yield|Pv)\//.test(path)));

const tables: ReadonlyMap<string, ReadonlyMap<string, Field>> = new Map([
  ["system", system],
  ["battery", battery],
  ["solarcharger", solarCharger],
  // The RS inverters have solar inputs of their own beside their AC sides.
  ["multi", solarInputs],
  ["inverter", solarInputs],
  ["temperature", sensor],
  ["meteo", new Map([["ExternalTemperature", gauge("temperature", "degC")]])],
  ["dcload", dcLoad],
  ["dcsystem", dcLoad],
  ["dcsource", dcSource],
  ["alternator", dcSource],
  ["fuelcell", dcSource],
]);
