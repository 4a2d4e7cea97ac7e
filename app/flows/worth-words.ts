import type { Formats } from "../charts/formats.ts";
import { co2Text, leastKg } from "../costs/co2-words.ts";
import type { UserWorth, WayWorth } from "./flow-worth.server.ts";
import type { FlowsShown } from "./load-flows.server.ts";
import type { GraphLink } from "./sankey-graph.ts";

interface Told {
  currency: string;
  formats: Formats;
}

/** What a link of the picture cost and emitted: of a flow, of who used it, or of what nobody measured. */
export function wordsOfLinks(
  { worth, consumers, untracked }: Pick<FlowsShown, "worth" | "consumers" | "untracked">,
  told: Told,
) {
  return (of: NonNullable<GraphLink["of"]>): string => {
    if (of === "untracked") return worthWords(untracked, told);
    if ("way" in of) return worthWords(worth?.ways[of.way], told);
    return worthWords(consumers.find(({ id }) => id === of.consumer)?.worth, told);
  };
}

/** ", 4.6 kg CO₂, €3.60, €1.20 saved"; empty where nothing is known. */
function worthWords(own: WayWorth | UserWorth | null | undefined, { currency, formats }: Told): string {
  if (!own) return "";
  const { cost, saved, emittedKg } = own;
  const avoidedKg = "avoidedKg" in own ? own.avoidedKg : null;
  const co2 = emittedKg !== null && emittedKg > leastKg ? `, ${co2Text(emittedKg, formats)} CO₂` : "";
  const avoided = avoidedKg !== null && avoidedKg > leastKg ? `, ${co2Text(avoidedKg, formats)} CO₂ avoided` : "";
  const money = cost === null ? "" : `, ${formats.money(cost, currency)}`;
  return `${co2}${avoided}${money}${saved !== null && Number(saved) > 0.005 ? `, ${formats.money(saved, currency)} saved` : ""}`;
}
