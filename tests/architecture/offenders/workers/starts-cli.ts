import { start } from "../cli/start.ts"; export const x = start;
