import { openIntake } from "../../ingest/intake.ts";
import type { Receive } from "../../ingest/receive.ts";
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
  const { receive, stop } = openIntake({ log, isHistory: true });
  return {
    receive,
    async rollUp() {
      while ((await rollUpOnce()) > 0);
    },
    stop,
  };
}
