import pg from "pg";

/**
 * A connection that says "this process needs the server". The system closes it when the process dies, however it dies, so the
 * last one to leave can be told from those who were killed. It keeps no process alive by itself.
 */
export interface Holder {
  release(): Promise<void>;
}

/** The driver has them, its types do not. */
type Unreferable = pg.Client & { ref(): void; unref(): void };

const name = "energy holds the embedded database";
const retryMs = 500;

/**
 * Holds the server until `release`. `onLost` is called, again and again, while the connection is gone: it may bring the
 * server back, and must not throw.
 */
export async function hold(url: string, onLost: () => Promise<void>): Promise<Holder> {
  let released = false;
  let client = await connect();

  async function connect(): Promise<pg.Client> {
    const made = new pg.Client({ connectionString: url, application_name: name, connectionTimeoutMillis: 10_000 });
    made.on("error", () => {});
    await made.connect();
    made.once("end", () => void regain());
    (made as Unreferable).unref();
    return made;
  }

  async function regain(): Promise<void> {
    while (!released) {
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      if (released) return;
      try {
        client = await connect();
        // Released while we connected: nobody else would close it.
        if (released) await client.end();
        return;
      } catch {
        await onLost();
      }
    }
  }

  return {
    async release() {
      released = true;
      // Else a process with nothing else to do would end here, before its farewell.
      (client as Unreferable).ref();
      await client.end().catch(() => {});
    },
  };
}

export interface Sessions {
  /** Processes that hold the server. */
  holders: number;
  /** All connections but the one that asks. */
  all: number;
}

/** Who is connected now. */
export async function countSessions(url: string): Promise<Sessions> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Sessions>(
      `select (count(*) filter (where application_name = $1))::int as holders, count(*)::int as all from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      [name],
    );
    return rows[0]!;
  } finally {
    await client.end();
  }
}
