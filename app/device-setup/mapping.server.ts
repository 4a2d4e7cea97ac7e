import type { DeviceMessage } from "../../db/device-messages.ts";
import { kinds } from "../../domain/channel.ts";
import { mappingsOf } from "../../domain/device/mapping.ts";
import { isObject, numberOf, parseJson, walk, type Json } from "../../domain/device/payload.ts";
import { propose, type Proposal, type Sample } from "../../domain/device/proposal.ts";

/** A line of the mapping form: a number of the payload, and what it is said (or proposed) to be. */
export interface MappingLine extends Proposal {
  /** It is taken: the person said so, or nothing was said yet and something is known of it. */
  isTaken: boolean;
  isSaid: boolean;
}

/** More lines than this are no form. */
const mostLines = 100;

/** The formats that read by the map: those of the user's own making, and what no format knows. */
const mapped: ReadonlySet<string | null> = new Set([null, "generic-json", "topic-value"]);

export const isMapped = ({ format }: Pick<DeviceMessage, "format">): boolean => mapped.has(format);

/** A line for each number in a device's newest messages: what was said of it before, or else a proposal. */
export function mappingLines(messages: readonly DeviceMessage[], config: Record<string, unknown>): MappingLine[] {
  const said = new Map((mappingsOrNone(config.map) ?? []).map((mapping) => [mapping.path, mapping]));
  const texts = isObject(config.map) ? config.map : {};
  const samples = messages
    .filter(isMapped)
    .flatMap(samplesOf)
    .sort((a, b) => a.receivedAtMs - b.receivedAtMs);
  const skipped = new Set([config.time, config.device].filter((path) => typeof path === "string"));
  return propose(everythingHeard(samples))
    .filter(({ path }) => !skipped.has(path))
    .slice(0, mostLines)
    .map((proposal) => {
      const mapping = said.get(proposal.path);
      if (!mapping) return { ...proposal, isTaken: said.size === 0 && proposal.certainty !== "unknown", isSaid: false };
      const unit = String(texts[proposal.path]).split(":")[1]?.trim() ?? "";
      const { metric, kind } = mapping;
      return { ...proposal, metric, kind, unit: unit === "-" ? "" : unit, isTaken: true, isSaid: true };
    });
}

const mappingsOrNone = (map: unknown) => {
  const mappings = mappingsOf(map);
  return typeof mappings === "string" ? null : mappings;
};

/** Messages of several topics: the newest sample is of one of them, and the form is about all. */
function everythingHeard(samples: readonly Sample[]): Sample[] {
  const newest = new Map<string, number>();
  for (const { values } of samples) for (const [path, value] of values) newest.set(path, value);
  const last = samples.at(-1);
  return last ? [...samples, { receivedAtMs: last.receivedAtMs, values: newest }] : [];
}

function samplesOf({ payload, transport, address, receivedMs }: DeviceMessage): Sample[] {
  const parsed = parseJson(payload);
  const points: Json[] = !parsed.ok ? [payload] : Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  return points.flatMap((point) => {
    const values = new Map<string, number>();
    const path = transport === "mqtt" && !isObject(point) ? address.split("/").filter(Boolean).join(".") : "";
    const take = (name: string, value: Json) => {
      const number = numberOf(value);
      if (typeof number === "number" && name !== "") values.set(name, number);
      return values.size < mostLines;
    };
    if (isObject(point)) walk(point, take);
    else take(path, point);
    return values.size ? [{ receivedAtMs: receivedMs, values }] : [];
  });
}

/** The map that the form says; a line that is not taken is left out. */
export function readMapping(form: FormData): Record<string, string> {
  const map: Record<string, string> = {};
  for (let i = 0; i < mostLines && form.has(`path${i}`); i++) {
    if (form.get(`take${i}`) !== "on") continue;
    const path = text(form, `path${i}`);
    const kind = kinds.find((name) => name === form.get(`kind${i}`)) ?? "gauge";
    map[path] = `${text(form, `metric${i}`) || path}:${text(form, `unit${i}`) || "-"}:${kind}`;
  }
  return map;
}

const text = (form: FormData, name: string) => String(form.get(name) ?? "").trim();
