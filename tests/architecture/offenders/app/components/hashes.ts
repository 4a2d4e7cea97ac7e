import { createHash } from "node:crypto"; export const x = createHash;
