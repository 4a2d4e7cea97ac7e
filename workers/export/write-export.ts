import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import type { OrganizationSnapshot } from "../../db/organization-export.ts";
import { readme } from "./readme.ts";

/** Raised when a reader of an older version would misunderstand a file. */
export const exportFormat = 1;

export interface ExportProgress {
  written: number;
  files: number;
}

/** What an archive holds, by name: a text, or a stream that is opened when its turn comes. */
type Entry = [name: string, content: string | (() => Readable)];

/** In the order in which they are written; docs/EXPORT.md describes them. */
function entriesOf(snapshot: OrganizationSnapshot): Entry[] {
  const { name, takenAt, tables, channels } = snapshot;
  const manifest = {
    ...{ product: "energy-tracking", kind: "organization", format: exportFormat },
    ...{ organization: name, takenAt: takenAt.toISOString(), tables, channels },
  };
  return [
    ["README.txt", readme(name, takenAt)],
    ["manifest.json", `${JSON.stringify(manifest, null, 1)}\n`],
    ["channels.csv", snapshot.index],
    ...tables.map((table): Entry => [`tables/${table.name}.jsonl`, () => snapshot.rows(table.name)]),
    ...channels
      .filter(({ from }) => from !== null)
      .map(({ id }): Entry => [`readings/c${id}.csv`, () => snapshot.readings(id)]),
    ...channels
      .filter(({ hasEnergy }) => hasEnergy)
      .map(({ id }): Entry => [`energy/c${id}.csv`, () => snapshot.energy(id)]),
  ];
}

/** Writes the archive to `out`, which it ends: a ZIP that grows as it is read, a piece of a file in memory at a time. */
export async function writeExport(
  snapshot: OrganizationSnapshot,
  out: Writable,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: ExportProgress) => void },
): Promise<void> {
  const zip = new ZipFile();
  const entries = entriesOf(snapshot);
  let written = 0;
  const options = { mtime: snapshot.takenAt, compressionLevel: 4 };
  // A stream that fails ends in nobody's hands but the archive's.
  const failed = new Promise<never>((_, reject) => zip.on("error", reject));
  failed.catch(() => {});
  let isOver = false;
  for (const [name, content] of entries) {
    if (typeof content === "string") {
      zip.addBuffer(Buffer.from(content), name, options);
      written++;
      continue;
    }
    zip.addReadStreamLazy(name, options, (begin) => {
      // Given up, the archive would go on asking a connection that is closed.
      if (isOver) return;
      const stream = content();
      stream.once("end", () => onProgress({ written: ++written, files: entries.length }));
      begin(null, stream);
    });
  }
  onProgress({ written, files: entries.length });
  zip.end();
  await Promise.race([failed, pipeline(zip.outputStream as Readable, out, { signal })]).finally(() => (isOver = true));
}
