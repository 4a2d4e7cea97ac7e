import { BackupError } from "../../db/backup-manifest.ts";

/** Aborted by Ctrl-C or SIGTERM, so that long work can end in good order; a second one ends the process at once. */
export function abortOnSignals(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => stopping.abort(new BackupError("Stopped before the end: nothing was changed.")));
  }
  return stopping.signal;
}
