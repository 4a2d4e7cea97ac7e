import type { Formats } from "../charts/formats.ts";
import type { ShownEmissions } from "./emissions.server.ts";

/** "12.3 kg", "0.41 kg". */
export const co2Text = (kg: number, formats: Formats): string =>
  `${formats.number(kg, kg < 1 ? 3 : kg < 10 ? 2 : kg < 1000 ? 1 : 0)} kg`;

/** Less than this is not worth a word. */
export const leastKg = 0.0005;

/** By which factor: "380 g/kWh by your settings", "241 g/kWh by Grid carbon"; null: none is known. */
export function factorText({ importKg, knownKwh, channel }: ShownEmissions, formats: Formats): string | null {
  if (knownKwh <= 0) return null;
  return `${formats.number((importKg * 1000) / knownKwh, 0)} g/kWh ${channel ? `by ${channel}` : "by your settings"}`;
}
