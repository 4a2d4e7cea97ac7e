import type { Kind, Role } from "../../domain/channel.ts";

/** How channels are called on the page. */
export const kindWords: Record<Kind, string> = {
  gauge: "momentary",
  counter: "register",
  delta: "amount",
  state: "state",
};

export const roleWords: Record<Role, string> = {
  grid_import: "from the grid",
  grid_export: "to the grid",
  production: "production",
  battery_charge: "into the battery",
  battery_discharge: "from the battery",
  consumer: "consumer",
  none: "",
};

const phases: Record<string, string> = { l1: "phase 1", l2: "phase 2", l3: "phase 3", n: "neutral" };

/** The unit stands beside the value already. */
const unitAtEnd = /_(m?w|kw|[mk]?wh|m?v|m?a|hz|c|degc|pct|percent)$/i;

/** "energy.import.l1" -> "Energy import, phase 1"; a name that a person gave stays. */
export function channelTitle({
  name,
  metric,
  tags = {},
}: {
  name: string;
  metric: string;
  tags?: Record<string, string>;
}): string {
  if (name) return name;
  const words = metric.replace(unitAtEnd, "").replaceAll("_", " ").split(".");
  const plain = words.filter((word) => !phases[word]).join(" ");
  const title = [plain.charAt(0).toUpperCase() + plain.slice(1), ...words.flatMap((word) => phases[word] ?? [])].join(
    ", ",
  );
  const more = Object.values(tags).join(", ");
  return more ? `${title} (${more})` : title;
}
