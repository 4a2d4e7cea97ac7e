/**
 * The names that users give a meter's values in their Tasmota scripts, as guesses: English and German words in any order
 * (Power_curr, Total_in, P_L1, volt_p2, Einspeisung), and OBIS codes (1_8_0, 16_7_0). What is not understood is no guess.
 * Worked: "Leistung_L2" is power.l2, "Total_in_T1" energy.import.t1, "Total_in_24h" nothing.
 */
import { obisField } from "./obis.ts";
import { counter, gauge } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

const wordList = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/**
 * Names of settings, of identity, of the past, of money, and of what is measured in other units. "Delivered" is to the
 * house for some, to the grid for others.
 */
const disqualifying = wordList(
  "number nr no id server serial meternumber time date status state version today yesterday day week month year hour last prev previous letzte vorletzte saison season min max mean avg average angle winkel phi cost price preis reactive blind apparent schein kvarh varh kvar var kva va heat heating waerme uv quality noise delivered sf scale",
);
/** Keys of heat meters, whose energy is no electricity; what a heat pump takes is. */
const heatKeys = wordList("heat waerme warme");
const span = /^\d+(h|d|m|w|y)$/;

const quantities: [
  words: ReadonlySet<string>,
  metric: "power_factor" | "frequency" | "voltage" | "power" | "current",
][] = [
  [wordList("pf cosphi factor powerfactor pfactor"), "power_factor"],
  [wordList("freq frequency frequenz hz"), "frequency"],
  [wordList("volt volts voltage spannung v u"), "voltage"],
  [wordList("power pwr leistung wirkleistung watt watts w kw p"), "power"],
  [wordList("amp amps amperage ampere strom current curr i a"), "current"],
];
const units = { power_factor: "1", frequency: "Hz", voltage: "V", power: "W", current: "A" };

const energy = wordList(
  "total energy energie e in out counter count zaehlerstand verbrauch consumption consumed bezug einspeisung lieferung import export feedin kwh wh totalin totalout",
);
const exporting = wordList(
  "out export exported einspeisung netzeinspeisung lieferung erzeugung feed feedin returned produced production generated generation totalout neg negative negativ",
);
const importing = wordList(
  "in import imported bezug netzbezug verbrauch consumption consumed totalin pos positive positiv",
);
/** With one of these "current" says that it is of now: what flows is power. */
const flowing = wordList("consumption usage verbrauch consumed bezug einspeisung production generation erzeugung");

/** What a name under a meter's key measures; undefined: no guess. */
export function smlField(key: string, name: string): Field | undefined {
  const code = /(?:^|[^\d])(\d{1,2})[._](\d)[._](\d)(?!\d)/.exec(name) ?? /^_?(\d{1,2})([78])(\d)$/.exec(name);
  if (code) return obisField({ medium: null, code: `${Number(code[1])}.${code[2]!}.${code[3]!}`, period: null });
  const tokens = tokensOf(name);
  const keyTokens = tokensOf(key);
  if (tokens.some((token) => disqualifying.has(token) || span.test(token))) return undefined;
  if (keyTokens.some((token) => heatKeys.has(token)) && !keyTokens.includes("pump")) return undefined;
  const medium = mediumOf([...keyTokens, ...tokens]);
  if (medium) return tokens.some((token) => countWords.has(token)) ? counter(medium, "m3") : undefined;
  return electric(tokens);
}

const countWords = wordList("total count counter m3 volume gas water wasser zaehlerstand");

function mediumOf(tokens: string[]): "gas" | "water" | undefined {
  if (tokens.includes("gas")) return "gas";
  return tokens.includes("water") || tokens.includes("wasser") ? "water" : undefined;
}

function electric(tokens: string[]): Field | undefined {
  const has = (words: ReadonlySet<string>): boolean => tokens.some((token) => words.has(token));
  const phase = phaseOf(tokens);
  const suffix = phase === undefined ? "" : `.l${phase.number}`;
  const found = momentaryOf(tokens) ?? phase?.quantity;
  const isOfNow = found === "power" && tokens.includes("current");
  const direction = has(exporting) ? ".export" : has(importing) && !isOfNow ? ".import" : "";
  // "kWh" beside a word for power or "Strom" is a register all the same.
  if (found && !tokens.includes("kwh") && !tokens.includes("wh")) {
    const unit = found === "power" && tokens.includes("kw") ? "kW" : units[found];
    return gauge(`${found}${found === "power" ? direction : ""}${suffix}`, unit);
  }
  if (!has(energy) && direction === "") return undefined;
  const tariff = tariffOf(tokens);
  return counter(
    `energy${direction === "" ? ".import" : direction}${tariff === undefined ? suffix : `.t${tariff}`}`,
    tokens.includes("wh") ? "Wh" : "kWh",
  );
}

function momentaryOf(tokens: string[]): "power_factor" | "frequency" | "voltage" | "power" | "current" | undefined {
  const found = quantities.find(([words]) => tokens.some((token) => words.has(token)))?.[1];
  if (found === "current" && tokens.includes("current") && tokens.some((token) => flowing.has(token))) return "power";
  // Momentanwirkleistung, Gesamtleistung.
  return found ?? (tokens.some((token) => /^(?!blind|schein).+leistung$/.test(token)) ? "power" : undefined);
}

/**
 * l1, phase1, p1 behind a quantity (`volt_p1`); alone, p1 is the power, u1 the voltage and i1 the current of phase 1. Several
 * phases in one name (P_L1_L2_L3) are their sum.
 */
function phaseOf(tokens: string[]): { number: string; quantity?: "power" | "voltage" | "current" } | undefined {
  if (new Set(tokens.filter((token) => /^l[123]$/.test(token))).size > 1) return undefined;
  for (const [i, token] of tokens.entries()) {
    if (token === "phase" && /^[123]$/.test(tokens[i + 1] ?? "")) return { number: tokens[i + 1]! };
    const match = /^(l|phase|p|u|v|i)([123])$/.exec(token);
    if (!match) continue;
    const quantity = { p: "power", u: "voltage", v: "voltage", i: "current" } as const;
    const letter = match[1]!;
    return letter in quantity && tokens.length === 1
      ? { number: match[2]!, quantity: quantity[letter as keyof typeof quantity] }
      : { number: match[2]! };
  }
  return undefined;
}

/** t1, r1 (register), tarif_2, or the German high (HT) and low (NT) tariff. */
function tariffOf(tokens: string[]): string | undefined {
  for (const [i, token] of tokens.entries()) {
    const match = /^(?:t|r|tarif|tariff)([1-4])$/.exec(token);
    if (match) return match[1]!;
    if (/^tariff?$/.test(token) && /^[1-4]$/.test(tokens[i + 1] ?? "")) return tokens[i + 1];
  }
  if (tokens.includes("ht")) return "1";
  return tokens.includes("nt") ? "2" : undefined;
}

/** "Power_curr" and "powerCurr" -> power, curr. */
function tokensOf(name: string): string[] {
  return name
    .replace(/k(Wh?)(?![a-z])/g, (unit) => `_${unit.toLowerCase()}`)
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/ä/g, "ae")
    .split(/[^a-z0-9]+/)
    .filter((token) => token !== "");
}
