import type { Kind } from "../domain/channel.ts";
import type { HistoryOptions } from "../domain/history/options.ts";
import type { Refusal } from "../domain/history/history.ts";
import { announce } from "./announce.ts";
import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { enqueue } from "./jobs.ts";
import type { Identity } from "./identities.ts";

/** How long a process may be silent before another takes its import over. */
const leaseS = 20;

/** An import that this process has taken. */
export interface ClaimedImport {
  id: string;
  /** Who it is to whom the readings belong: the device itself, whatever credential it has or has not. */
  identity: Identity;
  fileName: string;
  options: HistoryOptions;
  size: number;
  /** Readings and refusals that are dealt with already. */
  items: number;
  stored: number;
  refused: number;
  ambiguous: number;
  firstMs: number | null;
  lastMs: number | null;
  refusals: Refusal[];
}

interface Row extends Omit<ClaimedImport, "identity"> {
  organizationId: string;
  deviceId: string;
  siteId: string;
}

/**
 * Takes the oldest import that waits, or whose process is gone; `only` this one. Two processes never take the same one.
 * @param holder an id of this process.
 */
export async function claimImport(holder: string, only: string | null = null): Promise<ClaimedImport | null> {
  const { rows } = await systemPool().query<Row>(
    `update energy.imports i set state = 'running', lease_holder = $1, lease_until = now() + interval '${leaseS} seconds',
       started_at = coalesce(started_at, now())
     from energy.devices d
     where d.id = i.device_id and i.id = (
       select x.id from energy.imports x join energy.devices y on y.id = x.device_id
       where (x.state = 'waiting' or (x.state = 'running' and x.lease_until < now())) and ($2::uuid is null or x.id = $2)
         and y.deleted_at is null
       order by x.created_at for update of x skip locked limit 1)
     returning i.id, i.organization_id as "organizationId", d.id as "deviceId", d.site_id as "siteId", i.file_name as "fileName", i.options,
       i.size, i.items, i.stored, i.refused, i.ambiguous, extract(epoch from i.first_time)::float8 * 1000 as "firstMs",
       extract(epoch from i.last_time)::float8 * 1000 as "lastMs", i.refusals`,
    [holder, only],
  );
  if (!rows[0]) return null;
  const { organizationId, deviceId, siteId, ...claimed } = rows[0];
  const credentialId = `import:${claimed.id}`;
  const none = { username: "", kind: "device", externalId: null, config: {} } as const;
  return { ...claimed, identity: { ...none, credentialId, organizationId, deviceId, madeForId: deviceId, siteId } };
}

/** The file from its beginning, a piece at a time. */
export async function* chunksOf(id: string): AsyncGenerator<Uint8Array> {
  for (let number = 0; ; number++) {
    const { rows } = await systemPool().query<{ bytes: Buffer }>(
      "select bytes from energy.import_chunks where import_id = $1 and number = $2",
      [id, number],
    );
    if (!rows[0]) return;
    yield rows[0].bytes;
  }
}

export interface Progress extends Pick<
  ClaimedImport,
  "items" | "stored" | "refused" | "ambiguous" | "firstMs" | "lastMs"
> {
  readBytes: number;
  /** null: as before. */
  refusals: Refusal[] | null;
}

/** Writes down how far it is, and keeps the lease. false: the import was cancelled, or another process has it. */
export async function saveProgress(id: string, holder: string, progress: Progress): Promise<boolean> {
  const { items, stored, refused, ambiguous, firstMs, lastMs, readBytes, refusals } = progress;
  const { rowCount } = await systemPool().query(
    `update energy.imports set items = $3, stored = $4, refused = $5, ambiguous = $6, first_time = to_timestamp($7::float8 / 1000),
       last_time = to_timestamp($8::float8 / 1000), position = $9, refusals = coalesce($10, refusals),
       lease_until = now() + interval '${leaseS} seconds'
     where id = $1 and state = 'running' and lease_holder = $2`,
    [id, holder, items, stored, refused, ambiguous, firstMs, lastMs, readBytes, refusals && JSON.stringify(refusals)],
  );
  return Boolean(rowCount);
}

/** Ends an import and lets go of its file; what waited for its end is recomputed now. `error`: why it failed. */
export async function endImport({ id, identity }: ClaimedImport, holder: string, error: string | null): Promise<void> {
  await asSystem(async (sql) => {
    const { rows } = await sql.query<{ fileName: string; stored: number; refused: number }>(
      `update energy.imports set state = $3, error = $4, finished_at = now(), lease_until = null,
         position = case when $4::text is null then size else position end
       where id = $1 and state = 'running' and lease_holder = $2 returning file_name as "fileName", stored, refused`,
      [id, holder, error === null ? "done" : "failed", error],
    );
    if (rows[0]) {
      await sql.query("delete from energy.import_chunks where import_id = $1", [id]);
      const { deviceId, siteId } = identity;
      const ended = { importId: id, deviceId, siteId, ...rows[0] };
      if (error === null) await announce(sql, "import.finished", ended, identity);
      else await announce(sql, "import.failed", { ...ended, error }, identity);
    }
    await releaseMarks(sql, identity.deviceId);
  });
}

/** The marks of a device that wait for the end of an import are due now. */
async function releaseMarks(sql: Sql, deviceId: string): Promise<void> {
  await sql.query(
    `update telemetry.dirty set due_at = now()
     where due_at > now() and channel_id in (select id from energy.channels where device_id = $1)`,
    [deviceId],
  );
  await enqueue(sql, "roll-up", {}, { key: "roll-up" });
}

/** Gives an import back, for another process to go on with: this one stops. */
export async function giveBackImport(id: string, holder: string): Promise<void> {
  await systemPool().query(
    "update energy.imports set lease_until = now() where id = $1 and state = 'running' and lease_holder = $2",
    [id, holder],
  );
}

/** What kind each channel of a device is, by its key. */
export async function channelKinds(deviceId: string): Promise<Map<string, Kind>> {
  const { rows } = await systemPool().query<{ key: string; kind: Kind }>(
    `select c.key, t.kind from energy.channels c join energy.channels t on t.id = coalesce(c.merged_into, c.id) where c.device_id = $1`,
    [deviceId],
  );
  return new Map(rows.map(({ key, kind }) => [key, kind]));
}

/** Uploads that nobody goes on with for a day are given up. */
export async function cancelOldUploads(sql: Sql): Promise<void> {
  await sql.query(
    `with old as (update energy.imports set state = 'cancelled', finished_at = now()
       where state = 'uploading' and created_at < now() - interval '1 day' returning id)
     delete from energy.import_chunks where import_id in (select id from old)`,
  );
}
