import type pg from "pg";
import { database, transaction, type Sql } from "./client.ts";

/** Ingest and workers: policies let this role through to every tenant. Not to be reached from app/ (a rule checks it). */
export function asSystem<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
  return transaction(database().system, null, work);
}

/** The pool of the system context, for single statements and for the queue's runner. */
export function systemPool(): pg.Pool {
  return database().system;
}
