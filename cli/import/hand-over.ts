import { open, type FileHandle } from "node:fs/promises";
import { chunkBytes, chunkCount, createImport, putChunk, startImport } from "../../db/imports.ts";
import { findUnfinished } from "../../db/import-targets.ts";
import type { HistoryOptions } from "../../domain/history/options.ts";
import { SetupError } from "../../platform/env.ts";
import type { Target } from "./target.ts";

interface Given {
  file: string;
  fileName: string;
  options: HistoryOptions;
  /** Between two pieces: the command ends, and the next one goes on. */
  signal: AbortSignal;
  onProgress: (share: number) => void;
}

/** Puts a file into the database; what an interrupted command has put there already stays. @returns the import's id. */
export async function handOver({ site, deviceId }: Target, given: Given): Promise<string | null> {
  const { file, fileName, options, signal, onProgress } = given;
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const begun = await findUnfinished(deviceId, { fileName, size });
    if (begun && begun.state !== "uploading") return begun.id;
    const importId = begun?.id ?? (await begin(site.organizationId, { deviceId, fileName, size, options }));
    const count = chunkCount(size);
    for (let number = begun ? Math.max(0, begun.chunks - 1) : 0; number < count; number++) {
      if (signal.aborted) return null;
      const bytes = await pieceOf(handle, number);
      const put = await putChunk(site.organizationId, { importId, number, bytes });
      if (put !== "ok") throw new SetupError(`The file could not be handed over (${put}): did it change meanwhile?`);
      onProgress((number + 1) / count);
    }
    const started = await startImport(site.organizationId, importId, options);
    if (started !== "ok") throw new SetupError("The file could not be handed over whole: try it again.");
    return importId;
  } finally {
    await handle.close();
  }
}

async function begin(
  organizationId: string,
  given: { deviceId: string; fileName: string; size: number; options: HistoryOptions },
): Promise<string> {
  const made = await createImport(organizationId, { ...given, createdBy: null });
  if (made === "too-many") throw new SetupError("Five imports are under way already: wait for one, or cancel it.");
  if (made === "no-device") throw new SetupError("The device is gone.");
  return made.id;
}

async function pieceOf(handle: FileHandle, number: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(chunkBytes);
  const { bytesRead } = await handle.read(buffer, 0, chunkBytes, number * chunkBytes);
  return buffer.subarray(0, bytesRead);
}
