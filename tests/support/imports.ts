import { createImport, chunkBytes, getImport, putChunk, startImport, type ImportRow } from "../../db/imports.ts";
import type { HistoryOptions } from "../../domain/history/options.ts";
import { until } from "./clients.ts";

/** A file of a device, handed over as the page does it. */
export async function handOver(
  { id: deviceId, organizationId }: { id: string; organizationId: string },
  { fileName, bytes, options }: { fileName: string; bytes: Uint8Array; options: HistoryOptions },
): Promise<string> {
  const made = await createImport(organizationId, { deviceId, fileName, size: bytes.length, options, createdBy: null });
  if (typeof made === "string") throw new Error(made);
  for (let number = 0; number * chunkBytes < bytes.length; number++) {
    const piece = bytes.subarray(number * chunkBytes, (number + 1) * chunkBytes);
    const put = await putChunk(organizationId, { importId: made.id, number, bytes: piece });
    if (put !== "ok") throw new Error(put);
  }
  const started = await startImport(organizationId, made.id, options);
  if (started !== "ok") throw new Error(JSON.stringify(started));
  return made.id;
}

/** The import when it has ended, however. */
export async function ended(organizationId: string, id: string, withinMs = 50_000): Promise<ImportRow> {
  let row: ImportRow | null = null;
  await until(async () => {
    row = await getImport(organizationId, id);
    return row !== null && ["done", "failed", "cancelled"].includes(row.state);
  }, withinMs);
  return row!;
}
