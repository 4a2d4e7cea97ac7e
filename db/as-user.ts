import { database, transaction, type Sql } from "./client.ts";

/** One person's own context: account, sessions, memberships, and the names of the sites and organizations they belong to. */
export function asUser<T>(userId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  return transaction(database().user, { userId }, work);
}

/**
 * Before anybody is signed in: the role of `asUser` without a user, which sees no rows at all. Only the SECURITY DEFINER
 * functions of schema auth (and energy.find_api_key) answer, each one question about one secret or address.
 */
export function asNobody(): Sql {
  return database().user as unknown as Sql;
}

/** The same for what changes something: in a transaction, which tells the audit log who asks. */
export function asNobodyChanging<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
  return transaction(database().user, null, work);
}
