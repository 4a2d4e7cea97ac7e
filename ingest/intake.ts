import type { Batch } from "../db/store-readings.ts";
import type { Log } from "../platform/log.ts";
import type { Rates } from "./allowance.ts";
import { Buffer } from "./buffer.ts";
import { Journal } from "./journal.ts";
import { Patience } from "./patience.ts";
import { Pulse } from "./pulse.ts";
import { Quotas } from "./quotas.ts";
import { Receive, type ReceiveOptions } from "./receive.ts";

/** Rows that may wait for the database altogether; above it HTTP answers 503 and MQTT connections are refused. About 100 MB. */
const mostWaitingRows = 400_000;

export interface IntakeOptions {
  log: Log;
  /** Absent: no limits, for what brings readings in by itself. */
  rates?: Rates;
  onCommit?: (batch: Batch) => void;
  tell?: ReceiveOptions["tell"];
  onStateChange?: ReceiveOptions["onStateChange"];
  /** Absent: as the live stream wants them. */
  writers?: number;
  batchRows?: number;
  /** When the marks of what is stored may be taken, epoch milliseconds; absent: at once. */
  marksDueMs?: () => number;
  /** What comes is from files: no device is heard by it. */
  isHistory?: boolean;
}

/** The one path without its doors. The database must be open. */
export interface Intake {
  receive: Receive;
  buffer: Buffer;
  patience: Patience;
  /** Writes what waits, then gives up. */
  stop(): Promise<void>;
}

const noLimits: Rates = { credentialMessages: Infinity, credentialReadings: Infinity, organizationReadings: Infinity };

export function openIntake(options: IntakeOptions): Intake {
  const { log, rates = noLimits, onCommit, tell, onStateChange } = options;
  const { writers = 2, batchRows = 4_000, marksDueMs, isHistory = false } = options;
  const patience = new Patience(log);
  const journal = new Journal(log);
  const pulse = isHistory ? null : new Pulse(log);
  const quotas = isHistory ? null : new Quotas(log);
  const buffer = new Buffer({
    writers,
    batchRows,
    maxWaitingRows: mostWaitingRows,
    onCommit(batch, repeats) {
      for (const { channel, count } of repeats) pulse?.repeated(channel, count);
      onCommit?.(batch);
    },
    patience,
    isHistory,
    ...(marksDueMs && { marksDueMs }),
    log,
  });
  const receive = new Receive({
    ...{ buffer, journal, patience, pulse, rates, quotas },
    tell: tell ?? nothing,
    onStateChange: onStateChange ?? nothing,
  });
  return {
    ...{ receive, buffer, patience },
    async stop() {
      await buffer.stop();
      patience.stop();
      await journal.stop();
      await pulse?.stop();
      await quotas?.stop();
    },
  };
}

const nothing = () => {};
