import { addExportChunk, beginExport, failExport, finishExport, sayExportProgress } from "../../db/export-runs.ts";
import { withOrganizationSnapshot } from "../../db/organization-export.ts";
import { chunkWriter } from "../export/chunk-writer.ts";
import { writeExport, type ExportProgress } from "../export/write-export.ts";
import type { Task } from "../task.ts";

const sayEveryMs = 500;

/** Writes everything of an organization into the chunks of its export. Interrupted, it begins anew. */
const exportOrganization: Task<"export-organization"> = async ({ organizationId, exportId }, { log, signal }) => {
  if (!(await beginExport(organizationId, exportId))) return;
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const out = chunkWriter((number, bytes) => addExportChunk({ organizationId, exportId }, number, bytes));
  let progress: ExportProgress = { written: 0, files: 0 };
  const say = async () => {
    const isWanted = await sayExportProgress(exportId, { ...progress, size: out.bytes }).catch(() => true);
    if (!isWanted) stop.abort();
  };
  const timer = setInterval(() => void say(), sayEveryMs);
  try {
    const found = await withOrganizationSnapshot(organizationId, async (snapshot) => {
      await writeExport(snapshot, out, { signal: ended, onProgress: (now) => (progress = now) });
      return true;
    });
    if (!found) return;
    await say();
    await finishExport(organizationId, exportId, out.bytes);
    log.info({ organizationId, exportId, bytes: out.bytes, files: progress.files }, "an organization was exported");
  } catch (error) {
    // A worker that stops leaves it to the next one; what nobody waits for any more is let go.
    if (stop.signal.aborted) return;
    if (!signal.aborted) await failExport(exportId, "It could not be written; the reason is in the log.");
    throw error;
  } finally {
    clearInterval(timer);
  }
};

export default exportOrganization;
