import { setTimeout } from "node:timers/promises";
import type { ChannelRow } from "../../db/channels.ts";
import { readingsOf, statesOf } from "../../db/readings.ts";
import { csvRow } from "../charts/csv.ts";

const pieceSize = 20_000;
const mostUnsentBytes = 4 * 1024 * 1024;
/** Times are kept to the microsecond. */
const microsecondMs = 0.001;

/** All readings of a channel in a window, read and sent piece by piece: a year of seconds does not fit into memory. */
export function readingsCsv(
  organizationId: string,
  channel: ChannelRow,
  {
    fromMs,
    toMs,
    signal,
    unsentBytes,
  }: { fromMs: number; toMs: number; signal: AbortSignal; unsentBytes: () => number },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const read = channel.kind === "state" ? statesOf : readingsOf;
  const unit = channel.unit && channel.unit !== "1" ? ` (${channel.unit})` : "";
  let nextMs = fromMs;
  let isFirst = true;
  return new ReadableStream({
    async pull(controller) {
      // The response takes whatever it is given; a slow reader must hold us back here.
      while (unsentBytes() > mostUnsentBytes && !signal.aborted) await setTimeout(50);
      if (signal.aborted) return controller.close();
      const piece = await read(organizationId, channel.id, { fromMs: nextMs, toMs: toMs + 1, limit: pieceSize });
      const header = isFirst ? csvRow(["time", `${channel.metric}${unit}`]) : "";
      isFirst = false;
      const rows = piece.map(({ timeMs, value }) => csvRow([new Date(timeMs).toISOString(), value]));
      if (header || rows.length) controller.enqueue(encoder.encode(header + rows.join("")));
      if (piece.length < pieceSize) controller.close();
      else nextMs = piece.at(-1)!.timeMs + microsecondMs;
    },
  });
}
