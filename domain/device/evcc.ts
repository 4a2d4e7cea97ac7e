/**
 * evcc: <root>/site/*, <root>/loadpoints/<n>/* (from 1), <root>/status (the will), text scalars, everything retained. Power W;
 * chargedEnergy and sessionEnergy are Wh, chargeTotalImport and the meters' energies kWh. Battery power + is discharging, so it
 * is negated here. Lists of three become l1..l3 plus their sum. An empty payload (nil, or the shutdown) is no value; a list's
 * own topic (site/pv) is only its length, and …/set are commands.
 * Worked: evcc/site/battery/power 850 is battery.power = -850 W; evcc/loadpoints/1/chargedEnergy 5321.4 is 5.3214 kWh.
 * Sources: evcc-io/evcc server/mqtt.go, core/keys, core/types/types.go; evcc-io/docs mqtt-api.md.
 */
import type { Decoded, Decoder, DecoderState, Message } from "./device.ts";
import { baseTopicOf, finished, gather, takeState } from "./gathering.ts";
import type { Gathering } from "./gathering.ts";
import { isObject, textOf } from "./payload.ts";
import { counter, gauge, negated, take } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

/** Any root has these; the single words only where the root is evcc's own, or what the user said (config.base_topic). */
const anyRoot =
  /^(?<root>.+?)\/(?<rest>loadpoints\/\d+\/.+|site\/(?:grid|pv|battery|aux|ext)\/.+|site\/(?:(?:grid|pv|battery|home|aux)Power|batterySoc|pvEnergy|siteTitle))$/;
const ownRoot = /^(?<root>(?:.+\/)?evcc)\/(?<rest>.+)$/;

export const evcc: Decoder = {
  format: "evcc",
  priority: 85,
  match({ topic, config }) {
    if (topic === undefined) return false;
    // The user's base alone says nothing: other formats are told theirs by the same word.
    const base = baseTopicOf(config);
    return topic.startsWith(`${base}/site/`) || partsOf(topic, undefined) !== undefined;
  },
  decode,
};

function partsOf(topic: string, root: string | undefined): { root: string; rest: string } | undefined {
  if (root !== undefined && topic.startsWith(`${root}/`)) return { root, rest: topic.slice(root.length + 1) };
  const groups = (ownRoot.exec(topic) ?? anyRoot.exec(topic))?.groups;
  return groups && { root: groups.root!, rest: groups.rest! };
}

function decode({ topic, payload, config }: Message, state: DecoderState | undefined): Decoded {
  const parts = partsOf(topic ?? "", baseTopicOf(config));
  const text = textOf(payload).trim();
  if (!parts || text === "" || parts.rest.endsWith("/set")) return { readings: [] };
  const { root, rest } = parts;
  if (rest === "status") return status(root, text);
  const at = /^(site|loadpoints\/\d+)\/(.+)$/.exec(rest);
  if (!at) return { readings: [] };
  const into = gather(`${root}/${at[1]!}`);
  const name = at[2]!;
  if (at[1] === "site") takeScalar(into, siteField(name), text, name);
  else if (states.has(name)) takeState(into, name, wordOf(text));
  else return loadpoint(into, name, text, state);
  return finished(into);
}

function takeScalar(into: Gathering, field: Field | undefined, text: string, name: string): void {
  if (field) take(into, field, text, name);
}

/**
 * Both chargedEnergy and sessionEnergy count the session, and differ a little: in one register each would look like a
 * reset of the other. So sessionEnergy is read only where chargedEnergy has not been seen.
 */
function loadpoint(into: Gathering, name: string, text: string, state: DecoderState | undefined): Decoded {
  const seen = isObject(state?.charged) ? state.charged : {};
  if (name === "sessionEnergy" && seen[into.device] === true) return { readings: [] };
  takeScalar(into, loadpointField(name), text, name);
  const isNews = name === "chargedEnergy" && seen[into.device] !== true && Object.keys(seen).length < mostLoadpoints;
  return { ...finished(into), ...(isNews && { state: { charged: { ...seen, [into.device]: true } } }) };
}

/** No gateway has as many: a stranger's topics must not grow the memory without end. */
const mostLoadpoints = 100;

function status(root: string, text: string): Decoded {
  const into = gather(root);
  if (text === "online" || text === "offline") takeState(into, "online", text === "online");
  return finished(into);
}

const states = new Set(["connected", "charging", "enabled", "mode"]);

const wordOf = (text: string): boolean | string => (text === "true" || text === "false" ? text === "true" : text);

const loadpointFields: ReadonlyMap<string, Field> = new Map([
  ["chargePower", gauge("power", "W")],
  ["chargedEnergy", counter("energy.session", "Wh")],
  ["sessionEnergy", counter("energy.session", "Wh")],
  ["chargeTotalImport", counter("energy.import", "kWh")],
  ["vehicleSoc", gauge("soc", "%")],
]);

function loadpointField(name: string): Field | undefined {
  return loadpointFields.get(name) ?? phaseField(name, /^charge(Power|Current|Voltage)s\/l?([123])$/, "");
}

const phaseQuantities: ReadonlyMap<string, [metric: string, unit: string]> = new Map([
  ["power", ["power", "W"]],
  ["current", ["current", "A"]],
  ["voltage", ["voltage", "V"]],
]);

/** `chargeCurrents/l2` is current.l2; the sum of three currents or voltages is nothing that was measured. */
function phaseField(name: string, pattern: RegExp, prefix: string): Field | undefined {
  const match = pattern.exec(name);
  const quantity = phaseQuantities.get(match?.[1]!.toLowerCase() ?? "");
  return quantity && gauge(`${prefix}${quantity[0]}.l${match![2]!}`, quantity[1]);
}

const batteryPower = negated(gauge("battery.power", "W"));

const siteFields: ReadonlyMap<string, Field> = new Map([
  ["gridPower", gauge("grid.power", "W")],
  ["grid/power", gauge("grid.power", "W")],
  ["grid/energy", counter("grid.energy.import", "kWh")],
  ["pvPower", gauge("pv.power", "W")],
  ["pvEnergy", counter("energy.production", "kWh")],
  ["batteryPower", batteryPower],
  ["battery/power", batteryPower],
  ["batterySoc", gauge("soc", "%")],
  ["battery/soc", gauge("soc", "%")],
  ["homePower", gauge("load.power", "W")],
  ["auxPower", gauge("aux.power", "W")],
  ["tariffGrid", gauge("price", "currency/kWh")],
  ["tariffFeedIn", gauge("price.feed_in", "currency/kWh")],
  ["tariffCo2", gauge("co2_intensity", "g/kWh")],
]);

const meterPattern = /^(pv|battery|aux|ext)\/(?:devices\/)?(\d+)\/(power|energy|soc)$/;

/** `pv/1/power`, `battery/2/soc`, `battery/devices/1/power`: one meter of several, numbered from 1. */
function siteField(name: string): Field | undefined {
  const known = siteFields.get(name) ?? phaseField(name, /^grid\/?(power|current|voltage)s\/l?([123])$/i, "grid.");
  if (known) return known;
  const meter = meterPattern.exec(name);
  if (!meter) return undefined;
  const [, group, number, quantity] = meter;
  if (quantity === "soc") return gauge(`soc.${number!}`, "%");
  if (quantity === "power") {
    const power = gauge(`${group!}.power.${number!}`, "W");
    return group === "battery" ? negated(power) : power;
  }
  // What a battery's energy counts depends on the meter's template: not read.
  if (group === "battery") return undefined;
  return counter(group === "pv" ? `energy.production.${number!}` : `${group!}.energy.${number!}`, "kWh");
}
