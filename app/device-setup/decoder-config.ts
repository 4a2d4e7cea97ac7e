/**
 * What a person tells us about what a device sends, as its form has it. The decoders read the same keys: `full_topic`
 * (Tasmota), `device`, `time`, `timezone` and `map` (JSON of the user's own making).
 */
export interface DecoderValues {
  fullTopic: string;
  device: string;
  time: string;
  timezone: string;
  /** A line for each value: `path = metric:unit[:kind]`. */
  map: string;
}

export type DecoderErrors = Partial<Record<keyof DecoderValues, string>>;

type Config = Record<string, unknown>;

const textOf = (value: unknown) => (typeof value === "string" ? value : "");

/** The form's values of a stored config. */
export function decoderValues(config: Config): DecoderValues {
  const map = typeof config["map"] === "object" && config["map"] !== null ? Object.entries(config["map"]) : [];
  return {
    fullTopic: textOf(config["full_topic"]),
    device: textOf(config["device"]),
    time: textOf(config["time"]),
    timezone: textOf(config["timezone"]),
    map: map.map(([path, meaning]) => `${path} = ${String(meaning)}`).join("\n"),
  };
}

export type ReadDecoder = { ok: true; config: Config } | { ok: false; errors: DecoderErrors };

/** The config that a form says, in place of what was set before; keys that the form does not know are kept. */
export function readDecoder(values: DecoderValues, before: Config, isZone: (name: string) => boolean): ReadDecoder {
  const errors: DecoderErrors = {};
  const fullTopic = values.fullTopic.trim();
  if (/[\s#+]/.test(fullTopic))
    errors.fullTopic = "Write it as the FullTopic command shows it, such as %prefix%/%topic%/.";
  const timezone = values.timezone.trim();
  if (timezone && !isZone(timezone)) errors.timezone = "Choose a time zone from the list, such as Europe/Berlin.";
  const map = readMap(values.map);
  if (map.error) errors.map = map.error;
  if (Object.keys(errors).length) return { ok: false, errors };
  const { full_topic: _a, device: _b, time: _c, timezone: _d, map: _e, ...others } = before;
  const device = values.device.trim();
  const time = values.time.trim();
  return {
    ok: true,
    config: {
      ...others,
      ...(fullTopic && { full_topic: fullTopic }),
      ...(device && { device }),
      ...(time && { time }),
      ...(timezone && { timezone }),
      ...(map.map && { map: map.map }),
    },
  };
}

const line = /^([^=]+?)\s*=\s*([^:=\s]+:[^:=\s]*(?::(?:gauge|counter|delta|state))?)$/;

function readMap(text: string): { map?: Record<string, string>; error?: string } {
  const entries: [string, string][] = [];
  for (const written of text.split("\n").map((one) => one.trim())) {
    if (!written) continue;
    const [, path, meaning] = line.exec(written) ?? [];
    if (!path || !meaning) {
      return {
        error: `"${written}" is not understood: write path = metric:unit, such as meter.total = energy.import:Wh:counter.`,
      };
    }
    entries.push([path, meaning]);
  }
  return entries.length ? { map: Object.fromEntries(entries) } : {};
}
