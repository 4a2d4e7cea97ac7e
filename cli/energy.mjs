#!/usr/bin/env node
// Lets Node run the TypeScript beside it, wherever this is called from, and hands over to main.ts.
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

register({ tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)) });
const { main } = await import("./main.ts");
await main(process.argv.slice(2));
