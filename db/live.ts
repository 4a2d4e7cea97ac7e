import pg from "pg";
import { database, type Sql } from "./client.ts";

/**
 * What processes tell one another through Postgres: ids only, on one LISTEN/NOTIFY channel. A listener reads what it may
 * see itself, so a notification carries nothing of a tenant but numbers.
 */
export interface LiveEvent {
  /** Channels with a new latest value. */
  latest?: number[];
  /** Channels whose buckets were recomputed. */
  rollups?: number[];
  /** Devices of which a message sample, a refusal or a channel was recorded. */
  devices?: string[];
  /** Credentials that were made, rotated, revoked or deleted, or whose device was changed: forget what you know of them. */
  credentials?: string[];
  /** Imports that wait for an ingest, or were cancelled. */
  imports?: string[];
  /** Devices of which a decoder's memory changed, each with the name of the process that changed it. */
  states?: string[];
  /** People and API keys whose access may have become another: whether what they follow goes on is asked again. */
  access?: string[];
  /** Devices whose settings changed: what waits for a mapping may be readable now. */
  configured?: string[];
}

const channel = "live";
/** Postgres refuses payloads of 8,000 bytes and more. */
const longest = 7_500;

/** Sends an event; long lists are cut into several notifications. In a transaction, it goes out with the commit. */
export async function notify(sql: Sql, event: LiveEvent): Promise<void> {
  const payloads = Object.entries(event).flatMap(([name, ids]) => pieces(name, ids as (number | string)[]));
  if (payloads.length) await sql.query("select pg_notify($1, p) from unnest($2::text[]) as p", [channel, payloads]);
}

function pieces(name: string, ids: (number | string)[]): string[] {
  const found: string[] = [];
  let piece: string[] = [];
  let length = 0;
  for (const id of ids) {
    const text = JSON.stringify(id);
    if (length + text.length > longest) {
      found.push(`{"${name}":[${piece.join()}]}`);
      piece = [];
      length = 0;
    }
    piece.push(text);
    length += text.length + 1;
  }
  if (piece.length) found.push(`{"${name}":[${piece.join()}]}`);
  return found;
}

export interface Listener {
  close(): Promise<void>;
}

/**
 * Hears every event on a connection of its own, and connects again (with `onReconnect`, since events were missed) when
 * that breaks. Resolves when the first connection listens.
 */
export async function listen(onEvent: (event: LiveEvent) => void, onReconnect?: () => void): Promise<Listener> {
  let client: pg.Client | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const made = new pg.Client({
      connectionString: database().url,
      options: "-c role=energy_user -c timezone=UTC",
      application_name: "energy-listen",
      keepAlive: true,
    });
    made.on("notification", (message) => onEvent(JSON.parse(message.payload ?? "{}") as LiveEvent));
    made.on("error", () => {});
    await made.connect();
    await made.query(`listen ${channel}`);
    client = made;
    made.once("end", () => {
      if (!closed) again();
    });
  }

  function again(): void {
    retry = setTimeout(() => {
      connect().then(() => onReconnect?.(), again);
    }, 500);
  }

  await connect();
  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => {});
    },
  };
}
