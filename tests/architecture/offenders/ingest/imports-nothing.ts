import { x } from "./not-there.ts"; export const y = x;
