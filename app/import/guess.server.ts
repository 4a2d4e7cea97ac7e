import { constants, gunzipSync } from "node:zlib";
import { headOfImport, type ImportRow } from "../../db/imports.ts";
import { guessHistory, type Given, type Guess } from "../../domain/history/detect.ts";

/** What a packed file's beginning is unpacked from: enough rows for a guess, and bounded however well it is packed. */
const packedBytes = 65_536;

/** The beginning of an uploaded file, unpacked; null: it is not here. */
export async function unpackedHead(organizationId: string, importId: string): Promise<Uint8Array | null> {
  const head = await headOfImport(organizationId, importId);
  if (!head || head[0] !== 0x1f || head[1] !== 0x8b) return head;
  try {
    return gunzipSync(head.subarray(0, packedBytes), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return head;
  }
}

/** How an uploaded file is to be read, as far as its beginning tells. */
export async function guessOf(
  organizationId: string,
  row: ImportRow,
  known: Pick<Given, "timezone" | "format" | "time">,
): Promise<Guess & { head: Uint8Array }> {
  const head = await unpackedHead(organizationId, row.id);
  if (!head) {
    const error = "The first piece of the file is not here.";
    return { ok: false, format: null, error, head: new Uint8Array() };
  }
  return { ...guessHistory({ fileName: row.fileName.replace(/\.gz$/i, ""), head, ...known }), head };
}
