import { asSystem } from "./as-system.ts"; export const totals = asSystem;
