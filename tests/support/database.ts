import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { inject } from "vitest";
import { atDatabase } from "../../cli/engines/timescale.ts";

/** A database that belongs to one test file. */
export interface TestDatabase {
  /** Superuser: to prepare and to look. */
  ownerUrl: string;
  /** What the product logs in as: `openDatabase(appUrl)`. */
  appUrl: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** A migrated database of one's own, cloned in some tens of milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { template } = inject("cluster");
  const made = unusedDatabase();
  const name = new URL(made.ownerUrl).pathname.slice(1);
  await onServer(async (server) => {
    await server.query(`create database ${name} template ${template}`);
    // Settings of a database are not part of what is cloned.
    await server.query(`alter database ${name} set timezone = 'UTC'`);
  });
  return made;
}

/** A name that no database has yet, for tests of how one comes to be. */
export function unusedDatabase(): TestDatabase {
  const { ownerUrl, appUrl } = inject("cluster");
  const name = `t_${randomBytes(6).toString("hex")}`;
  return {
    ownerUrl: atDatabase(ownerUrl, name),
    appUrl: atDatabase(appUrl, name),
    drop: () => onServer((server) => drop(server, name)),
  };
}

const farewellMs = 2_000;

/**
 * Pools say farewell before their connections are closed. One that the server ended in that moment would raise an error that
 * nobody listens for, so it is waited for; who has not left by then is put out.
 */
async function drop(server: pg.Client, name: string): Promise<void> {
  const until = Date.now() + farewellMs;
  const isUsed = async () => (await server.query("select from pg_stat_activity where datname = $1", [name])).rowCount;
  while ((await isUsed()) && Date.now() < until) await pause(20);
  await server.query(`drop database if exists ${name} with (force)`);
}

async function onServer(work: (server: pg.Client) => Promise<unknown>): Promise<void> {
  const server = new pg.Client({ connectionString: inject("cluster").ownerUrl });
  await server.connect();
  try {
    await work(server);
  } finally {
    await server.end();
  }
}
