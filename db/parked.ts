import { asSystem, systemPool } from "./as-system.ts";

/** A message that waits for its announcement, or (format null) for a person to say what it means. */
export interface ParkedMessage {
  deviceId: string;
  format: string | null;
  awaits: string;
  receivedAtMs: number;
  /** When it is taken as it is, if nothing comes; null: it waits on. Epoch milliseconds. */
  takeAtMs: number | null;
  expiresAtMs: number;
  /** Topic and RETAIN flag, or method, path, query and headers. */
  envelope: Record<string, unknown>;
  payload: Uint8Array;
}

/** What one device may have waiting. */
export const mostParked = 10_000;
export const mostParkedBytes = 10_000_000;

/** Keeps a message for later. false: the device has too much waiting already. */
export async function park(message: ParkedMessage): Promise<boolean> {
  const { rowCount } = await systemPool().query(
    `insert into telemetry.parked (device_id, format, awaits, take_at, expires_at, received_at, envelope, payload)
     select $1, $2, $3, to_timestamp($4 / 1000.0), to_timestamp($5 / 1000.0), to_timestamp($6 / 1000.0), $7, $8
     from (select count(*) as n, coalesce(sum(length(payload)), 0) as bytes from telemetry.parked where device_id = $1) now
     where now.n < $9 and now.bytes + length($8::bytea) <= $10`,
    [
      message.deviceId,
      message.format,
      message.awaits.slice(0, 300),
      message.takeAtMs,
      message.expiresAtMs,
      message.receivedAtMs,
      JSON.stringify(message.envelope),
      Buffer.from(message.payload),
      mostParked,
      mostParkedBytes,
    ],
  );
  return rowCount === 1;
}

interface Row extends Omit<ParkedMessage, "payload"> {
  id: number;
  payload: Buffer;
}

const perRound = 200;

/**
 * Goes through what a device has waiting, oldest first. `handle` answers whether the message is done with (and stored): then
 * it is removed. What another process is going through at the same time is left to it.
 * @returns how many were done.
 */
export async function goThroughParked(
  deviceId: string,
  handle: (message: ParkedMessage) => Promise<boolean>,
): Promise<number> {
  let done = 0;
  for (let after = 0; ;) {
    const last = await asSystem(async (sql) => {
      const { rows } = await sql.query<Row>(
        `select id, device_id as "deviceId", format, awaits, extract(epoch from received_at)::float8 * 1000 as "receivedAtMs",
           extract(epoch from take_at)::float8 * 1000 as "takeAtMs", extract(epoch from expires_at)::float8 * 1000 as "expiresAtMs",
           envelope, payload
         from telemetry.parked where device_id = $1 and id > $2 order by id limit $3 for update skip locked`,
        [deviceId, after, perRound],
      );
      const ids: number[] = [];
      for (const row of rows) if (await handle(row)) ids.push(row.id);
      if (ids.length) await sql.query("delete from telemetry.parked where id = any ($1)", [ids]);
      done += ids.length;
      return rows.at(-1)?.id;
    });
    if (last === undefined) return done;
    after = last;
  }
}

/** Devices with messages whose time has come: they waited long enough, or what their format remembers has changed since. */
export async function devicesWithRipeMessages(): Promise<string[]> {
  const { rows } = await systemPool().query<{ id: string }>(
    `select distinct p.device_id as id from telemetry.parked p
     left join telemetry.decoder_states s on s.device_id = p.device_id and s.format = p.format
     where p.take_at < now() or p.expires_at < now() or s.updated_at > p.received_at and s.updated_at > now() - interval '1 minute'`,
  );
  return rows.map((row) => row.id);
}

/** Removes what waited in vain. @returns how many of each device and what they waited for. */
export async function dropExpired(): Promise<{ deviceId: string; awaits: string; count: number }[]> {
  const { rows } = await systemPool().query<{ deviceId: string; awaits: string; count: number }>(
    `with gone as (delete from telemetry.parked where expires_at < now() and take_at is null returning device_id, awaits)
     select device_id as "deviceId", awaits, count(*)::int as count from gone group by 1, 2`,
  );
  return rows;
}
