/**
 * What a user said of the values of a payload, by the path of each: `{"meas.cnt.v": "energy.import:Wh:counter"}`. A unit of
 * "-" or none: the number stays as it is. Without a kind it is the metric's usual one.
 */
import type { Kind } from "../channel.ts";
import { conversionOf, type UnitConversion } from "../units.ts";
import { isObject } from "./payload.ts";
import { vocabularyWord } from "./vocabulary.ts";

export interface Mapping {
  path: string;
  metric: string;
  kind: Kind;
  conversion: UnitConversion | null;
}

/** The user's map, or a sentence that says which line of it cannot be understood. Null: there is none. */
export function mappingsOf(map: unknown): Mapping[] | null | string {
  if (map === undefined || map === null) return null;
  if (!isObject(map)) return 'config.map must be an object of "path": "metric:unit[:counter]"';
  const mappings: Mapping[] = [];
  for (const path in map) {
    const text = map[path];
    const mapping = typeof text === "string" ? mappingOf(path, text) : undefined;
    if (typeof mapping !== "object")
      return `config.map["${path}"] must be "metric:unit[:counter]"${mapping === undefined ? "" : `, ${mapping}`}`;
    mappings.push(mapping);
  }
  return mappings;
}

const kindNames = new Set<string>(["gauge", "counter", "delta", "state"]);

function mappingOf(path: string, text: string): Mapping | string {
  const [metric = "", unit = "", kind = "", ...rest] = text.split(":").map((part) => part.trim());
  if (metric === "" || rest.length > 0) return `"${text}" is not`;
  if (kind !== "" && !kindNames.has(kind)) return `"${kind}" is no kind (gauge, counter, delta, state)`;
  const conversion = unit === "" || unit === "-" ? null : conversionOf(unit);
  if (conversion === undefined) return `"${unit}" is no known unit`;
  const word = vocabularyWord(metric);
  return { path, metric, kind: (kind || word?.kind || "gauge") as Kind, conversion };
}
