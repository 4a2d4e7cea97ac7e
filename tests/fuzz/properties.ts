/** What must hold of every answer of a decoder, whatever it was given. */
import type { Decoded, Message } from "../../domain/device/device.ts";
import type { DecodedReading } from "../../domain/reading.ts";
import { kinds } from "../../domain/channel.ts";
import { canonicalUnits, conversions } from "../../domain/units.ts";
import { Justified } from "./justified.ts";

const units = new Set<string | null>([
  ...Object.values(canonicalUnits),
  ...Object.values(conversions).map((c) => c.canonical),
]);
const kindNames = new Set<string>(kinds);

/** The first fault of an answer, in words; null when all holds. `heard`: this message and what its gateway sent before. */
export function faultOf(decoded: Decoded & { format: string | null }, heard: readonly Message[]): string | null {
  const { readings, error, response, format } = decoded;
  if (!Array.isArray(readings)) return "readings is no list";
  if (error !== undefined && (typeof error !== "string" || error === "")) return "an error without words";
  if (error !== undefined && error.length > 2500) return `an error of ${error.length} characters`;
  if (response && !(response.status >= 200 && response.status < 600)) return `status ${response.status}`;
  if (readings.length === 0) return null;
  const justified = new Justified(heard, format);
  for (const reading of readings) {
    const fault =
      faultOfReading(reading, format) ?? (justified.holds(reading, readings) ? null : "a value from nowhere");
    if (fault) return `${fault}: ${JSON.stringify({ ...reading, metric: reading.metric.slice?.(0, 200) })}`;
  }
  return null;
}

function faultOfReading(
  { device, metric, value, unit, timeMs, kind, durationS, tags }: DecodedReading,
  format: string | null,
) {
  if (typeof device !== "string" || device === "") return "no device";
  if (typeof metric !== "string" || metric === "") return "no metric";
  if (!kindNames.has(kind)) return "no kind";
  if (kind === "state" ? typeof value === "number" : !Number.isFinite(value)) return "no finite number";
  // In our own format a custom metric may be measured in anything.
  if (!units.has(unit) && !(format === "native-json" && typeof unit === "string" && unit.length <= 40))
    return "no canonical unit";
  if (timeMs !== null && !Number.isFinite(timeMs)) return "no finite time";
  if (durationS !== undefined && !(durationS > 0 && Number.isFinite(durationS))) return "no finite duration";
  if (tags && Object.values(tags).some((tag) => typeof tag !== "string")) return "a tag that is no text";
  return null;
}
