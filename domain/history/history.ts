/**
 * History as it lies in files. A reader of a format is fed the file's bytes piece by piece and answers with readings and with
 * what it refuses, each by its row, so that a file of any length takes little memory.
 */
import type { DecodedReading } from "../reading.ts";

/** Why a row, or one cell of it, is not a reading. Rows are counted as an editor shows them: the first line is 1. */
export interface Refusal {
  row: number;
  reason: string;
}

export interface HistoryBatch {
  readings: DecodedReading[];
  /** The row of each reading. */
  rows: number[];
  refusals: Refusal[];
  /** Rows in the hour that the clock shows twice: they were placed by their order in the file. */
  ambiguous: number;
}

export interface HistoryReader {
  /** The next bytes of the file. @throws HistoryFault */
  feed(bytes: Uint8Array): HistoryBatch;
  /** What is left at the file's end. @throws HistoryFault */
  end(): HistoryBatch;
}

/** The whole file is not what it is said to be. The message is a sentence for people. */
export class HistoryFault extends Error {
  readonly expected = true;
}

export const emptyBatch = (): HistoryBatch => ({ readings: [], rows: [], refusals: [], ambiguous: 0 });
