import type { FormulaFault } from "../../domain/site/formula.ts";

/** "At character 4: expected …": counted from 1, as people count. */
export const formulaWords = ({ position, message }: FormulaFault): string =>
  `At character ${position + 1}: ${message}.`;
