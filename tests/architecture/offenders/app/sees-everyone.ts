import { totals } from "../db/totals.ts"; export const x = totals;
