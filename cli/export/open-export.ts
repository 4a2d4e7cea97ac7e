import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { open, type Entry, type Options, type ZipFile } from "yauzl";
import { ExportError, exportManifest, type ExportManifest, type OpenExport } from "../../db/organization-import.ts";

const openZip = promisify<string, Options, ZipFile>(open);

/**
 * Opens a file that `energy export` or the page of the organization wrote; a part is read when it is asked for.
 * @throws ExportError saying what is wrong with the file
 */
export async function openExport(file: string): Promise<OpenExport & { close(): Promise<void> }> {
  const zip = await openZip(file, { lazyEntries: true, autoClose: false }).catch((error: NodeJS.ErrnoException) => {
    throw new ExportError(
      error.code === "ENOENT" ? `There is no file ${file}.` : `${file} is no export (${error.message}).`,
    );
  });
  const entries = await entriesOf(zip);
  const stream = (entry: Entry) => promisify<Entry, Readable>(zip.openReadStream.bind(zip))(entry);
  const described = entries.get("manifest.json");
  const manifest = described && readManifest(await text(await stream(described)));
  if (!manifest) {
    zip.close();
    throw new ExportError(`${file} is no export of an organization that this version reads.`);
  }
  return {
    manifest,
    async *rows(table) {
      const entry = entries.get(`tables/${table}.jsonl`);
      if (entry) yield* createInterface({ input: await stream(entry), crlfDelay: Infinity });
    },
    async readings(channelId) {
      const entry = entries.get(`readings/c${channelId}.csv`);
      if (!entry) throw new ExportError(`The export has no readings of c${channelId}: it is damaged.`);
      return stream(entry);
    },
    async close() {
      zip.close();
    },
  };
}

function readManifest(json: string): ExportManifest | null {
  try {
    return exportManifest.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  return new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    zip.on("entry", (entry: Entry) => {
      entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.on("end", () => resolve(entries));
    zip.on("error", reject);
    zip.readEntry();
  });
}
