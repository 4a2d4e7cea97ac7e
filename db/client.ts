import pg from "pg";
import { setActor } from "./actor.ts";
import { asQuotaExceeded } from "./quota-exceeded.ts";

/**
 * The process's connections to the database: one pool for each of the three contexts, whose role is set when a connection
 * is made (docs/ARCHITECTURE.md, "Three contexts"). Kept on globalThis, because the built web app is a bundle with a copy of
 * this module: one process, one set of pools.
 */
export type ContextName = "organization" | "user" | "system";
export type Pools = Record<ContextName, pg.Pool> & { url: string };

const key = Symbol.for("energy.database");
const holder = globalThis as { [key]?: Pools };

// Numbers as numbers: counts (int8) stay below 2^53 here, and numeric is only money, which is read as text on purpose.
pg.types.setTypeParser(20, Number);

// Arrays of numbers (int2[], int4[], int8[], float8[]) as JSON: the driver's own parser takes ten times as long, and the roll-up reads
// little else. No product value is NaN or infinite.
for (const oid of [1005, 1007, 1016, 1022]) {
  pg.types.setTypeParser(oid as never, (text: string) => JSON.parse(`[${text.slice(1, -1).toLowerCase()}]`) as unknown);
}

const size: Record<ContextName, number> = { organization: 10, user: 4, system: 8 };

/** Opens the pools; a second call with the same address gives the same pools. `url` logs in as a member of the three roles. */
export function openDatabase(url: string): Pools {
  const open = holder[key];
  if (open?.url === url) return open;
  if (open) throw new Error("the database is open already, with another address");
  const pool = (context: ContextName) => {
    const made = new pg.Pool({
      connectionString: url,
      max: size[context],
      options: `-c role=energy_${context} -c timezone=UTC`,
      // Questions that do not wait for one another travel together. (The system's connections also stream, which cannot.)
      pipeline: context === "organization",
      application_name: `energy-${context}`,
      connectionTimeoutMillis: 10_000,
      // A new connection costs more than most pages: one is kept while a person reads what it brought.
      idleTimeoutMillis: 120_000,
      keepAlive: true,
    });
    // An idle connection that breaks (server restart) is replaced at the next query; without a listener it would end the process.
    made.on("error", () => {});
    made.on("connect", (client) => client.on("error", () => {}));
    return made;
  };
  return (holder[key] = { url, organization: pool("organization"), user: pool("user"), system: pool("system") });
}

/** The open pools. @throws when the process has not called openDatabase. */
export function database(): Pools {
  const open = holder[key];
  if (!open) throw new Error("the database is not open: call openDatabase first");
  return open;
}

export async function closeDatabase(): Promise<void> {
  const open = holder[key];
  if (!open) return;
  delete holder[key];
  await Promise.all([open.organization.end(), open.user.end(), open.system.end()]);
}

/** A connection inside a transaction (or, for asSystem's single statements, the pool). */
export type Sql = Pick<pg.PoolClient, "query">;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text can be an id at all: others are "not found" without asking the database. */
export const isUuid = (text: string): boolean => uuid.test(text);

/** What a transaction is limited to. `siteIds` null: all sites. */
export type Setting = { userId: string } | { organizationId: string; siteIds: readonly string[] | null };

/** The statements that put it in place for one transaction. @throws when it is not made of ids. */
export function settingSql(setting: Setting): string {
  const [name, id, siteIds] =
    "userId" in setting
      ? ["user_id", setting.userId, null]
      : ["organization_id", setting.organizationId, setting.siteIds];
  if (!isUuid(id)) throw new Error(`not an id: app.${name}`);
  if (!siteIds) return `set local app.${name} = '${id}'`;
  if (!siteIds.every(isUuid)) throw new Error("not an id: app.site_ids");
  return `set local app.${name} = '${id}'; set local app.site_ids = '{${siteIds.join()}}'`;
}

/**
 * Runs `work`, which only reads, in one transaction, as `transaction` does. Nothing hangs on how it ends, so nobody waits for that:
 * it is a round trip less.
 */
export async function reading<T>(pool: pg.Pool, setting: Setting, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => (broken = error);
  const end = (statement: string) =>
    client
      .query(statement)
      .catch(onError)
      .finally(() => {
        client.off("error", onError);
        client.release(broken);
      });
  client.on("error", onError);
  try {
    // The first questions travel with BEGIN. Were that refused, they would show nothing, and what came of it is thrown away.
    const [began, worked] = await Promise.allSettled([
      client.query(`begin read only; ${settingSql(setting)}`),
      work(client),
    ]);
    if (began.status === "rejected") throw began.reason;
    if (worked.status === "rejected") throw worked.reason;
    void end("commit");
    return worked.value;
  } catch (error) {
    await end("rollback");
    throw error;
  }
}

/**
 * Runs `work` in one transaction. `setting`, and who does it (db/actor.ts), are put in place for this transaction alone, in the
 * round trip of BEGIN.
 * Rolls back and rethrows what `work` throws. @throws QuotaExceeded where the plan has no room for what was asked.
 */
export async function transaction<T>(
  pool: pg.Pool,
  setting: Setting | null,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const begin = setting ? `begin; ${settingSql(setting)}` : "begin";
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => (broken = error);
  client.on("error", onError);
  try {
    await client.query(begin + setActor());
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch((failure: Error) => (broken = failure));
    throw asQuotaExceeded(error) ?? error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}
