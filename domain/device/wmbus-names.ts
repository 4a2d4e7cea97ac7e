/**
 * The keys of wmbusmeters: words and a unit suffix, `total_energy_consumption_tariff_1_kwh`. Registers of now only: prev_*,
 * due_*, target_*, *_last_month_*, max_* are history. Worked: `flow_temperature_c` is temperature.flow in degC; total_m3 is
 * water, gas or (of a heat meter) heat.volume, by the medium; of a converter that does not know its meter it is a volume.
 */
import { counter, gauge } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

export type WmbusMedium = "electricity" | "heat" | "water" | "gas" | "other";

/** media is free text: "warm water", "heat/cooling", "heat cost allocation". */
export function mediumOf(media: unknown): WmbusMedium {
  const text = typeof media === "string" ? media.toLowerCase() : "";
  if (text.includes("heat cost")) return "other";
  if (text.includes("water")) return "water";
  if (text.includes("gas")) return "gas";
  if (text.includes("heat") || text.includes("cooling")) return "heat";
  return text.includes("electric") ? "electricity" : "other";
}

const units: ReadonlyMap<string, string> = new Map(
  Object.entries({
    kwh: "kWh",
    wh: "Wh",
    mwh: "MWh",
    mj: "MJ",
    gj: "GJ",
    kw: "kW",
    w: "W",
    m3: "m3",
    l: "L",
    m3h: "m3/h",
    lh: "L/h",
    c: "degC",
    f: "degF",
    v: "V",
    a: "A",
    hz: "Hz",
    kvarh: "kvarh",
    kvar: "kvar",
    kva: "kVA",
    rh: "%",
    dbm: "dBm",
  }),
);

/** Words of what was, of what is expected, and of extremes. */
const history = new Set(
  "prev previous due target last max maximum min minimum average avg mean month months year years day days hour history historic historical set date datetime woot billing absolute limit error period yesterday storage difference remaining".split(
    " ",
  ),
);

/** What one key says beside its unit. */
interface Words {
  isExport: boolean;
  hasDirection: boolean;
  isReactive: boolean;
  isCooling: boolean;
  /** "l1", "t2" … as the suffix of the metric, or "". */
  suffix: string;
  rest: string[];
}

/** Words that only say that this is a measured value. */
const plain = new Set("total current actual active energy power volume at the n".split(" "));
/** Of a heat meter's values: which of its two sides, and what flows. Cooling is told apart. */
const ofHeat = new Set("heat heating water".split(" "));
const exporting = new Set("production backward export exported produced reverse".split(" "));
const importing = new Set("consumption forward import imported consumed".split(" "));

function wordsOf(tokens: string[]): Words {
  const words: Words = {
    isExport: false,
    hasDirection: false,
    isReactive: false,
    isCooling: false,
    suffix: "",
    rest: [],
  };
  for (const token of tokens) {
    const part = /^(l|phase|tariff|t)(\d)$/.exec(token);
    if (part) words.suffix += part[1]!.startsWith("t") ? `.t${part[2]!}` : `.l${part[2]!}`;
    else if (exporting.has(token)) words.isExport = words.hasDirection = true;
    else if (importing.has(token)) words.hasDirection = true;
    else if (token === "reactive") words.isReactive = true;
    else if (token === "cooling") words.isCooling = true;
    else if (!plain.has(token)) words.rest.push(token);
  }
  return words;
}

/** What a key measures for a meter of this medium; undefined: nothing of now. */
export function wmbusField(key: string, medium: WmbusMedium): Field | undefined {
  if (/^(current_)?(consumption_)?hca$/.test(key)) return counter("heat.allocation", null);
  // `phase_1` and `tariff_1` are one word.
  const tokens = key.replace(/(phase|tariff)_(\d)/g, "$1$2").split("_");
  const unit = units.get(tokens.pop()!);
  if (unit === undefined || tokens.length === 0 || tokens.some((token) => history.has(token))) return undefined;
  if (unit === "degC" || unit === "degF") return temperature(tokens, unit);
  const words = wordsOf(medium === "heat" ? tokens.filter((token) => !ofHeat.has(token)) : tokens);
  switch (unit) {
    case "kWh":
    case "Wh":
    case "MWh":
    case "MJ":
    case "GJ":
      return words.rest.length === 0 && /total|energy|heat|cooling/.test(key) ? energy(words, unit, medium) : undefined;
    case "kW":
    case "W":
      return words.rest.length === 0 && !words.isReactive ? power(words, unit, medium) : undefined;
    case "m3":
    case "L":
      return volume(key, words, unit, medium);
    case "m3/h":
    case "L/h":
      return /^((volume|water|current)_)?flow_/.test(key) ? gauge(`${medium}.flow`, unit) : undefined;
    default:
      return named(words, unit);
  }
}

function energy(
  { isExport, isReactive, isCooling, suffix }: Words,
  unit: string,
  medium: WmbusMedium,
): Field | undefined {
  if (isReactive) return undefined;
  if (medium === "heat") return isExport ? undefined : counter(`${isCooling ? "cooling" : "heat"}${suffix}`, unit);
  if (medium !== "electricity") return undefined;
  return counter(`energy.${isExport ? "export" : "import"}${suffix}`, unit);
}

function power(
  { isExport, hasDirection, isCooling, suffix }: Words,
  unit: string,
  medium: WmbusMedium,
): Field | undefined {
  if (medium === "heat") return isExport || isCooling ? undefined : gauge(`heat.power${suffix}`, unit);
  if (medium !== "electricity") return undefined;
  const direction = !hasDirection ? "" : isExport ? ".export" : ".import";
  return gauge(`power${direction}${suffix}`, unit);
}

/** The total; forward and backward are its parts. */
function volume(key: string, words: Words, unit: string, medium: WmbusMedium): Field | undefined {
  const { isExport, isCooling, rest, suffix } = words;
  const others = rest.filter((word) => word !== medium);
  if (isExport || others.length > 0 || medium === "electricity") return undefined;
  if (!/total|volume|consumption/.test(key) || /forward/.test(key)) return undefined;
  const metrics = { heat: isCooling ? "cooling.volume" : "heat.volume", water: "water", gas: "gas", other: "volume" };
  return counter(`${metrics[medium]}${suffix}`, unit);
}

/** Flow and return of a heat meter, else where the sensor is. */
const places: ReadonlyMap<string, string> = new Map([
  ["flow", ".flow"],
  ["forward", ".flow"],
  ["supply", ".flow"],
  ["t1", ".flow"],
  ["return", ".return"],
  ["t2", ".return"],
  ["external", ".external"],
  ["room", ".room"],
  ["radiator", ".radiator"],
]);

function temperature(tokens: string[], unit: string): Field | undefined {
  const rest = tokens.filter((token) => !/^(temperature|temp|current|water|meter)$/.test(token));
  if (rest.length > 1) return undefined;
  // `return_c` alone is a temperature too: no other quantity has this unit.
  const place = rest.length === 0 ? "" : places.get(rest[0]!);
  return place === undefined ? undefined : gauge(`temperature${place}`, unit);
}

/** Quantities whose unit says what they are, with the words that may stand beside it. */
function named({ isExport, isReactive, hasDirection, suffix, rest }: Words, unit: string): Field | undefined {
  const direction = !hasDirection ? "" : isExport ? ".export" : ".import";
  const [only, ...more] = rest;
  if (more.length > 0 || suffix.length > 3)
    return only === "relative" && unit === "%" ? gauge("humidity", "%") : undefined;
  if (unit === "V") return only === "voltage" ? gauge(`voltage${suffix}`, unit) : undefined;
  if (unit === "Hz") return only === "frequency" ? gauge("frequency", unit) : undefined;
  if (unit === "dBm") return only === "rssi" ? gauge("signal_strength", unit) : undefined;
  if (only !== undefined && only !== "apparent") return undefined;
  if (unit === "A") return only === undefined ? gauge(`current${suffix}`, unit) : undefined;
  if (unit === "kVA") return gauge(`apparent_power${direction}${suffix}`, unit);
  if (unit === "kvar") return gauge(`reactive_power${direction}${suffix}`, unit);
  if (unit === "kvarh")
    return isReactive ? counter(`energy_reactive${direction || ".import"}${suffix}`, unit) : undefined;
  return undefined;
}
