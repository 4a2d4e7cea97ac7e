import { Buffer } from "../../ingest/buffer.ts";
import { Journal } from "../../ingest/journal.ts";
import { Receive } from "../../ingest/receive.ts";
import type { Log } from "../../platform/log.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";

/** The ingest's one path without its doors: for what brings readings in by itself. The database must be open. */
export interface OfflineIngest {
  receive: Receive;
  /** Recomputes what is marked until nothing is. */
  rollUp(): Promise<void>;
  stop(): Promise<void>;
}

export function openOfflineIngest(log: Log): OfflineIngest {
  const journal = new Journal(log);
  const buffer = new Buffer({ writers: 2, batchRows: 4_000, maxWaitingRows: 400_000, onCommit: () => {}, log });
  return {
    receive: new Receive(buffer, journal),
    async rollUp() {
      while ((await rollUpOnce()) > 0);
    },
    async stop() {
      await buffer.stop();
      await journal.stop();
    },
  };
}
