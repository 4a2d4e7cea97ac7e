/**
 * Tasmota's topics: `%prefix%/%topic%/` plus the message's name by default (`tele/plug/SENSOR`), but the FullTopic command
 * takes any text with these two in it. Sources: tasmota/docs MQTT.md (FullTopic), Commands.md (Prefix1-3).
 */
import type { DeviceConfig } from "./device.ts";

export interface TasmotaTopic {
  prefix: "tele" | "stat" | "cmnd";
  device: string;
  /** SENSOR, STATE, LWT, STATUS8, POWER1 … */
  name: string;
}

const names = /^(SENSOR|STATE|LWT|RESULT|UPTIME|INFO\d?|STATUS\d*|POWER\d*|MARGINS|ENERGY|EVENT|DISCOVER)$/;
const prefixes = new Set(["tele", "stat", "cmnd"]);

/**
 * Reads a topic: by the user's pattern (config.full_topic) where it fits, else `tele/<device>/NAME` or `<device>/tele/NAME`:
 * not every device behind a gateway has to use the pattern. A device name may contain slashes. Undefined: not a Tasmota topic.
 */
export function tasmotaTopic(topic: string, config: DeviceConfig | undefined): TasmotaTopic | undefined {
  const slash = topic.lastIndexOf("/");
  if (slash < 0) return undefined;
  const name = topic.slice(slash + 1);
  const pattern = config === undefined ? undefined : config.full_topic;
  const found = typeof pattern === "string" && pattern !== "" ? byPattern(topic, pattern) : undefined;
  if (found) return found;
  // The two shapes that need no pattern; the first letter spares the test of every other topic.
  const path = topic.slice(0, slash);
  const first = path.indexOf("/");
  if (first > 0) {
    const head = path.slice(0, first);
    if (prefixes.has(head)) return isName(head, name) ? topicOf(head, path.slice(first + 1), name) : undefined;
    const last = path.lastIndexOf("/");
    const tail = path.slice(last + 1);
    if (prefixes.has(tail) && isName(tail, name)) return topicOf(tail, path.slice(0, last), name);
  }
  return undefined;
}

/** Under cmnd/ any command may stand; tele/ and stat/ have a closed list, so that others may use those words too. */
function isName(prefix: string, name: string): boolean {
  return prefix === "cmnd" || names.test(name);
}

function topicOf(prefix: string, device: string, name: string): TasmotaTopic | undefined {
  return device === "" ? undefined : { prefix: prefix as TasmotaTopic["prefix"], device, name };
}

/** Compiling a pattern costs more than decoding a message, and a user has few of them. */
const compiled = new Map<string, RegExp>();

function byPattern(topic: string, pattern: string): TasmotaTopic | undefined {
  let expression = compiled.get(pattern);
  if (!expression) {
    if (compiled.size >= 1000) compiled.clear();
    expression = compile(pattern);
    compiled.set(pattern, expression);
  }
  const groups = expression.exec(topic)?.groups;
  if (!groups) return undefined;
  const prefix = groups.prefix ?? "tele";
  return isName(prefix, groups.name!) ? topicOf(prefix, groups.topic ?? pattern, groups.name!) : undefined;
}

function compile(pattern: string): RegExp {
  const path = pattern.endsWith("/") ? pattern : `${pattern}/`;
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const expression = escaped
    .replace("%prefix%", "(?<prefix>tele|stat|cmnd)")
    .replace("%topic%", "(?<topic>.+?)")
    .replaceAll("%hostname%", "[^/]+")
    .replaceAll("%id%", "[^/]+");
  return new RegExp(`^${expression}(?<name>[A-Za-z0-9]+)$`);
}
