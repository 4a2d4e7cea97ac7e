import { script } from "../scripts/script.ts"; export const x = script;
