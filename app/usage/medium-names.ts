import type { Medium } from "../../domain/channel.ts";

export const mediumNames: Record<Medium, string> = {
  electricity: "Electricity",
  gas: "Gas",
  water: "Water",
  heat: "Heat",
  none: "None",
};
