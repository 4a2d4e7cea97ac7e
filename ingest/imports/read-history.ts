import { feedFile, feedsOfDump } from "../../domain/history/emoncms-backup.ts";
import { readFinaMeta, type Feed } from "../../domain/history/emoncms-feed.ts";
import { HistoryFault, type HistoryBatch, type HistoryReader } from "../../domain/history/history.ts";
import { openHistory } from "../../domain/history/open-history.ts";
import type { HistoryOptions } from "../../domain/history/options.ts";
import { filesOf, inPieces, unpacked, type ArchivedFile } from "./unpack.ts";

/** A file is read in pieces of this length. */
export const pieceBytes = 65_536;
/** The dump of a backup holds the feeds' names among much else. */
const largestDump = 50_000_000;

/** The file from its beginning; it may be asked for more than once. */
export type OpenFile = () => AsyncIterable<Uint8Array>;

/** What a file holds, in its order, piece by piece: the same pieces each time. @throws HistoryFault */
export async function* readHistory(open: OpenFile, options: HistoryOptions): AsyncGenerator<HistoryBatch> {
  if (options.format === "emoncms-backup") yield* readBackup(open);
  else yield* readWith(openHistory(options), unpacked(open()));
}

async function* readWith(reader: HistoryReader, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<HistoryBatch> {
  for await (const piece of inPieces(bytes, pieceBytes)) yield reader.feed(piece);
  yield reader.end();
}

/** A backup is read twice: names, starts and intervals may lie behind the data that they are about. */
async function* readBackup(open: OpenFile): AsyncGenerator<HistoryBatch> {
  const { feeds, metas } = await backupContents(open);
  let found = 0;
  for await (const file of filesOf(unpacked(open()))) {
    const about = feedFile(file.name);
    if (!about || about.kind === "meta") continue;
    found++;
    const feed = feeds.get(about.id) ?? { metric: `feed_${about.id}`, unit: null };
    const meta = metas.get(about.id);
    if (about.kind === "phpfina" && !meta) {
      yield refusal(`${file.name} has no .meta file beside it, which says when it starts`);
      continue;
    }
    const options =
      about.kind === "phpfina" ? { format: about.kind, feed, ...meta! } : ({ format: about.kind, feed } as const);
    for await (const batch of readWith(openHistory(options), file.bytes)) yield ofFile(batch, file.name);
  }
  if (!found) throw new HistoryFault("The archive holds no feed: expected phpfina/1.dat or phptimeseries/feed_1.MYD.");
}

async function backupContents(open: OpenFile) {
  let feeds = new Map<number, Feed>();
  const metas = new Map<number, { startS: number; intervalS: number }>();
  for await (const file of filesOf(unpacked(open()))) {
    const about = feedFile(file.name);
    if (about?.kind === "meta") metas.set(about.id, readFinaMeta(await whole(file, 1_000)));
    else if (/\.sql$/.test(file.name)) feeds = feedsOfDump(new TextDecoder().decode(await whole(file, largestDump)));
  }
  return { feeds, metas };
}

async function whole({ bytes, name }: ArchivedFile, largest: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    length += piece.length;
    if (length > largest)
      throw new HistoryFault(`${name} has more than ${largest} bytes: that is no part of a backup.`);
  }
  return Buffer.concat(pieces);
}

const refusal = (reason: string): HistoryBatch => ({
  readings: [],
  rows: [],
  refusals: [{ row: 0, reason }],
  ambiguous: 0,
});

function ofFile(batch: HistoryBatch, name: string): HistoryBatch {
  if (!batch.refusals.length) return batch;
  return { ...batch, refusals: batch.refusals.map(({ row, reason }) => ({ row, reason: `${name}: ${reason}` })) };
}
