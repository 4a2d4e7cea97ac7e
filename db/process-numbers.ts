import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { database } from "./client.ts";

/** First key of the advisory locks below where nothing else is said ("mqtt" in ASCII); the second is the number. */
const mqttSessions = 0x6d717474;
const retryMs = 500;

/**
 * Small numbers that processes of one installation hold, each by one process at a time: session-level advisory locks, which
 * Postgres gives back by itself when their process dies. Held on a connection of its own; when that breaks, the locks are
 * gone, and `onLost` is called once it stands again (with none of them held).
 */
export class ProcessNumbers {
  #client: pg.Client | undefined;
  #mine = new Set<number>();
  #onLost: () => void;
  #lockClass: number;
  #closed = false;

  private constructor(onLost: () => void, lockClass: number) {
    this.#onLost = onLost;
    this.#lockClass = lockClass;
  }

  /** `lockClass`: what the numbers are of. @throws when the database cannot be reached now. */
  static async open(onLost: () => void, lockClass = mqttSessions): Promise<ProcessNumbers> {
    const numbers = new ProcessNumbers(onLost, lockClass);
    await numbers.#connect();
    return numbers;
  }

  /** Takes the lowest number that is free, from 1 on. */
  async lowest(): Promise<number> {
    for (let number = 1; ; number++) if (await this.take(number)) return number;
  }

  /** Whether this number was free (of this process as well) and is ours now. */
  async take(number: number): Promise<boolean> {
    // Postgres would give its own session the same lock again.
    if (this.#mine.has(number)) return false;
    const { rows } = await this.#query<{ taken: boolean }>("select pg_try_advisory_lock($1, $2) as taken", [number]);
    if (rows[0]!.taken) this.#mine.add(number);
    return rows[0]!.taken;
  }

  /** Takes a number that this process held until its connection broke: the server may hold it for that one a moment longer. */
  async takeAgain(number: number): Promise<boolean> {
    for (let attempt = 0; attempt < 10; attempt++) {
      if (await this.take(number)) return true;
      await pause(retryMs);
    }
    return false;
  }

  async giveBack(number: number): Promise<void> {
    this.#mine.delete(number);
    await this.#query("select pg_advisory_unlock($1, $2)", [number]);
  }

  /** The numbers that are held by any process. */
  async held(): Promise<number[]> {
    const { rows } = await this.#query<{ number: number }>(
      `select objid::int as number from pg_locks
       where locktype = 'advisory' and classid = $1 and objsubid = 2 and granted
         and database = (select oid from pg_database where datname = current_database())`,
      [],
    );
    return rows.map((row) => row.number);
  }

  async close(): Promise<void> {
    this.#closed = true;
    // A connection's locks outlast its end by a moment, and the next process would take another number.
    await this.#client?.query("select pg_advisory_unlock_all()").catch(() => {});
    await this.#client?.end().catch(() => {});
  }

  #query<Row extends pg.QueryResultRow>(text: string, values: number[]): Promise<pg.QueryResult<Row>> {
    if (!this.#client) return Promise.reject(new Error("the connection that holds process numbers is broken"));
    return this.#client.query<Row>(text, [this.#lockClass, ...values]);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: database().url,
      options: "-c role=energy_user -c timezone=UTC",
      application_name: "energy-process-number",
      keepAlive: true,
    });
    client.on("error", () => {});
    await client.connect();
    // A machine that is cut off is found out within a minute, not after the two hours that systems usually wait. (Not over a socket.)
    await client.query("set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3");
    this.#client = client;
    client.once("end", () => void this.#again());
  }

  async #again(): Promise<void> {
    this.#client = undefined;
    this.#mine.clear();
    for (let connected = false; !connected && !this.#closed;) {
      await pause(retryMs);
      connected = await this.#connect().then(
        () => true,
        () => false,
      );
    }
    if (this.#closed) await this.close();
    else this.#onLost();
  }
}
