import type { ContractMedium } from "../../db/contracts.ts";

export const mediumWords: Record<ContractMedium, string> = {
  electricity: "Electricity",
  gas: "Gas",
  water: "Water",
  heat: "Heat",
};

export const contractMedia = Object.keys(mediumWords) as ContractMedium[];
