import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Who does what is being done: the transactions of db/client.ts tell the database, which writes it beside every change in the
 * audit log (migration 0021). Set once where a request, a job or a command begins, and found by everything below: a function
 * that forgot to pass it on could not be told from one that has none.
 */
export interface Actor {
  kind: "person" | "key" | "device" | "job" | "command" | "system";
  /** Of the person, key or device; their name is looked up when it is written. */
  id?: string;
  /** Of a job or command. */
  name?: string;
  /** The beginning of the session's hash: the same for all that was done in one. */
  session?: string;
  address?: string;
  /** What the program that was used calls itself. */
  agent?: string;
  /** The same for all that one request changed. */
  request?: string;
}

// On globalThis, because the built web app is a bundle with a copy of this module.
const key = Symbol.for("energy.actor");
const holder = globalThis as { [key]?: AsyncLocalStorage<{ actor: Actor }> };
const storage = (holder[key] ??= new AsyncLocalStorage());

const longestAgent = 300;

/** Runs `work`, and everything that it awaits, as somebody. */
export function runAs<T>(actor: Actor, work: () => T): T {
  return storage.run({ actor: { ...actor, ...(actor.agent && { agent: actor.agent.slice(0, longestAgent) }) } }, work);
}

/** Within `runAs`: it turned out who it is. Outside, nothing happens. */
export function identify(known: Partial<Actor>): void {
  const here = storage.getStore();
  if (here) Object.assign(here.actor, known);
}

/** Who it is by now, and later when it turns out; null: nobody was named. */
export const currentActor = (): Readonly<Actor> | null => storage.getStore()?.actor ?? null;

/** The actor as the setting `app.actor`; null: nobody was named. */
export function actorSetting(): string | null {
  const here = storage.getStore();
  return here ? JSON.stringify(here.actor) : null;
}

/** The same as a statement that holds for one transaction; empty: nobody was named. */
export function setActor(): string {
  const setting = actorSetting();
  return setting === null ? "" : `; set local app.actor = E'${setting.replace(/[\\']/g, "$&$&")}'`;
}
