import pg from "pg";
import { closeDatabase, openDatabase } from "../db/client.ts";
import { migrate } from "../db/migrate.ts";
import { SetupError, type Environment } from "../platform/env.ts";
import { log } from "../platform/log.ts";
import { openEmbeddedPostgres } from "./engines/embedded-postgres.ts";

/** The database of this installation: its own server by DATABASE_URL, else the embedded one under DATA_DIR. */
export interface Engine {
  /** Logs in as the owner: for migrations only. */
  ownerUrl: string;
  /** Logs in for everything else. */
  appUrl: string;
  /** Stops the embedded server when this call started it (or, with `own`, took it over). */
  stop(): Promise<void>;
}

/**
 * Finds the database, or starts the embedded one. `own`: this process answers for it, so an orphan of a killed predecessor is
 * taken over and stopped at the end.
 */
export async function openEngine(env: Environment, { own = false } = {}): Promise<Engine> {
  if (env.DATABASE_URL) {
    const appUrl = env.DATABASE_URL;
    await checkReachable(appUrl);
    return { appUrl, ownerUrl: env.MIGRATE_DATABASE_URL ?? appUrl, stop: async () => {} };
  }
  const embedded = await openEmbeddedPostgres({ dataDir: env.DATA_DIR, log: (line) => log.info(line), own });
  return { appUrl: embedded.appUrl, ownerUrl: embedded.ownerUrl, stop: () => embedded.stop() };
}

/** Brings the database to this version and lets the run-time login into the three contexts. Answers what was applied. */
export async function migrateEngine(engine: Engine): Promise<string[]> {
  const { applied } = await migrate(engine.ownerUrl, {
    onProgress: (name) => log.info({ migration: name }, "applied"),
  });
  await grantContexts(engine);
  return applied;
}

/** Runs `work` with the database open and at this version; whatever had to be started for it is stopped afterwards. */
export async function withDatabase<T>(env: Environment, work: () => Promise<T>): Promise<T> {
  const engine = await openEngine(env);
  try {
    await migrateEngine(engine);
    openDatabase(engine.appUrl);
    return await work();
  } finally {
    await closeDatabase();
    await engine.stop();
  }
}

// The contexts are roles that the login must be a member of; where the owner logs in for everything, it is one already.
async function grantContexts({ ownerUrl, appUrl }: Engine): Promise<void> {
  const login = decodeURIComponent(new URL(appUrl).username);
  if (!login || login === decodeURIComponent(new URL(ownerUrl).username)) return;
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`grant energy_organization, energy_user, energy_system to ${pg.escapeIdentifier(login)}`);
  } finally {
    await client.end();
  }
}

async function checkReachable(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // 3D000: the database is not there yet; the migration makes it.
    if (code === "3D000") return;
    throw new SetupError(
      `DATABASE_URL does not answer (${message}): check the address, the password and that the server runs.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}
