import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Whose rows the request at hand may see: organizations, and of each the sites; null: all of them.
 * It follows the request through everything that it awaits, so that no function between the door and the database can forget
 * to pass it on (docs/decisions/0019).
 */
type Admission = Map<string, readonly string[] | null>;

// The built web app is a bundle with a copy of this module: one process, one storage.
const key = Symbol.for("energy.admission");
const holder = globalThis as { [key]?: AsyncLocalStorage<Admission> };
const storage = (holder[key] ??= new AsyncLocalStorage<Admission>());

/** Runs a request of which nothing is known yet: it reaches no organization's rows until somebody calls `admit`. */
export function beginAdmission<T>(work: () => T): T {
  return storage.run(new Map(), work);
}

/** From here on the request at hand may see this organization, or some sites of it. Whoever calls this has proved it. */
export function admit(organizationId: string, siteIds: readonly string[] | null): void {
  storage.getStore()?.set(organizationId, siteIds);
}

/** Runs `work` with one organization (or some sites of it) and nothing else, whatever was admitted around it. */
export function admittedTo<T>(organizationId: string, siteIds: readonly string[] | null, work: () => T): T {
  return storage.run(new Map([[organizationId, siteIds]]), work);
}

/**
 * The sites of an organization that may be seen here; null: all. Outside of a request (commands) that is all.
 * @throws in a request that was not admitted to the organization: a route forgot to ask who is there.
 */
export function admittedSites(organizationId: string): readonly string[] | null {
  const admission = storage.getStore();
  if (!admission) return null;
  const siteIds = admission.get(organizationId);
  if (siteIds === undefined) throw new Error("the request was not admitted to the organization that it asks for");
  return siteIds;
}
