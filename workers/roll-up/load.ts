import type { Sql } from "../../db/client.ts";
import { startsBefore, type Start } from "../../db/meter-events.ts";
import { isHeld, offlineTimes } from "../../db/offline.ts";
import { correctedAround } from "../../db/corrected-readings.ts";
import type { Mark, RollUpChannel } from "../../db/roll-up.ts";
import type { Around } from "../../domain/energy/corrected-window.ts";
import type { Rules } from "../../domain/energy/learned.ts";
import { readRegister, type RegisterHistory } from "../../domain/energy/register.ts";
import type { Reading } from "../../domain/reading.ts";
import { reachMs } from "../../domain/rollup/affected.ts";
import { rulesIn } from "./learn.ts";

/** What folding a piece of a channel's time needs, read from the database. */
export interface Loaded extends Rules {
  channel: RollUpChannel;
  fromMs: number;
  toMs: number;
  /** In the channel's unit. */
  readings: readonly Reading[];
  /** When the device went offline, ascending: of a channel that reports on change. */
  offlineMs: readonly number[];
  /** Of a counter. */
  register: LoadedRegister | null;
}

export interface LoadedRegister extends RegisterHistory {
  /** The register's range by the readings before these; null: no event came before. */
  startRange: number | null;
  /** Later readings exist than those that were loaded. */
  hasMore: boolean;
  /** What was stored after this instant, up to the piece's end, is read anew: the reading that was started from, if any. */
  lowMs: number;
}

/** Readings beyond a piece that a register's reading starts with: enough for the three after a wrong one. */
const firstAhead = 4;
const furtherAhead = 16;

export async function load(sql: Sql, channels: Map<number, RollUpChannel>, pieces: readonly Mark[]): Promise<Loaded[]> {
  const registers = pieces.filter(({ channelId }) => channels.get(channelId)!.kind === "counter");
  const others = pieces.filter(({ channelId }) => channels.get(channelId)!.kind !== "counter");
  return [...(await loadOthers(sql, channels, others)), ...(await loadRegisters(sql, channels, registers))];
}

async function loadOthers(sql: Sql, channels: Map<number, RollUpChannel>, pieces: readonly Mark[]): Promise<Loaded[]> {
  if (!pieces.length) return [];
  const rules = await rulesIn(sql, channels, pieces);
  const wanted = pieces.map((piece) => {
    const reach = reachMs(channels.get(piece.channelId)!, rules(piece.channelId).gapOf(piece.toMs));
    return { ...piece, fromMs: piece.fromMs - reach, toMs: piece.toMs + reach, ahead: 0 };
  });
  const around = await correctedAround(sql, channels, wanted);
  // What was loaded beyond the pieces goes by its own days' rules.
  const spans = pieces.map((piece, i) => spanOf(piece, around[i]!));
  const allRules = await rulesIn(sql, channels, spans);
  const held = spans.filter(({ channelId }) => isHeld(channels.get(channelId)!));
  const offline = await offlineTimes(sql, "system", held);
  const offlineOf = new Map(held.map((span, i) => [span, offline[i]!]));
  return pieces.map(({ channelId, fromMs, toMs }, i) => {
    const channel = channels.get(channelId)!;
    return {
      channel,
      fromMs,
      toMs,
      readings: around[i]!.readings,
      offlineMs: offlineOf.get(spans[i]!) ?? [],
      register: null,
      ...allRules(channelId),
    };
  });
}

async function loadRegisters(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  pieces: readonly Mark[],
): Promise<Loaded[]> {
  if (!pieces.length) return [];
  const starts = await startsBefore(
    sql,
    "system",
    pieces.map(({ channelId, fromMs }) => ({ channelId, atMs: fromMs })),
  );
  let open = pieces.map((piece, i) => ({ piece, start: starts[i]! }));
  const loaded: Loaded[] = [];
  for (let ahead = firstAhead; open.length; ahead *= furtherAhead) {
    const read = await readRegisters(sql, channels, open, ahead);
    loaded.push(...read.filter(isDecided));
    open = open.filter((_, i) => !isDecided(read[i]!));
  }
  return loaded;
}

/** Whether no later reading has a say in the piece. */
const isDecided = ({ register, toMs }: Loaded): boolean => !register!.hasMore || register!.decidedToMs >= toMs;

async function readRegisters(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  pieces: readonly { piece: Mark; start: Start }[],
  ahead: number,
): Promise<Loaded[]> {
  const wanted = pieces.map(({ piece, start }) => ({ ...piece, fromMs: start.beforeMs, ahead }));
  const around = await correctedAround(sql, channels, wanted);
  const rules = await rulesIn(
    sql,
    channels,
    pieces.map(({ piece }, i) => spanOf(piece, around[i]!)),
  );
  return pieces.map(({ piece: { channelId, fromMs, toMs }, start }, i) => {
    const channel = channels.get(channelId)!;
    const { gapOf, limitOf } = rules(channelId);
    const readings = around[i]!.readings;
    const { hasMore } = around[i]!;
    const history = readRegister({
      channel,
      readings,
      limitOf,
      judgements: channel.judgements,
      startRange: start.range ?? 0,
      hasMore,
    });
    const first = readings[0]?.timeMs ?? Infinity;
    const lowMs = first < start.beforeMs ? first : start.beforeMs - 1;
    const register = { ...history, startRange: start.range, hasMore, lowMs };
    return { channel, fromMs, toMs, readings, offlineMs: [], register, gapOf, limitOf };
  });
}

function spanOf(piece: Mark, { readings }: Around): Mark {
  return {
    channelId: piece.channelId,
    fromMs: Math.min(piece.fromMs, readings[0]?.timeMs ?? Infinity),
    toMs: Math.max(piece.toMs, readings.at(-1)?.timeMs ?? -Infinity),
  };
}
