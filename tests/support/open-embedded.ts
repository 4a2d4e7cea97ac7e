// A process that opens the embedded database and stays: for tests that kill it. Prints the addresses as a line of JSON.
import { openEmbeddedPostgres } from "../../cli/engines/embedded-postgres.ts";

const dataDir = process.argv[2];
if (!dataDir) throw new Error("usage: open-embedded.ts DATA_DIR");
const { ownerUrl, started } = await openEmbeddedPostgres({ dataDir, own: true, log: (line) => console.warn(line) });
process.stdout.write(`${JSON.stringify({ ownerUrl, started })}\n`);
setInterval(() => {}, 60_000);
