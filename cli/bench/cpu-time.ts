import { readFileSync } from "node:fs";
import type pg from "pg";
import type { BenchServer } from "./bench-server.ts";

/** CPU time from the kernel (Linux): what work takes, also on a machine that is busy with other things. */

/** CPU time of the backends of this database so far, from the kernel (Linux). */
export async function backendSeconds(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'",
  );
  const nanoseconds = rows.map(({ pid }) => Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]));
  return nanoseconds.reduce((sum, ns) => sum + ns, 0) / 1e9;
}

const ticksPerSecond = 100;

/** CPU time of a process so far, to a hundredth of a second. */
function processSeconds(pid: number): number {
  // The second field, the program's name in brackets, may have spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return (user + system) / ticksPerSecond;
}

/** Seconds of CPU that the server and its Postgres spent while something was done. */
export async function spentBy(
  { pid }: Pick<BenchServer, "pid">,
  owner: pg.Client,
  work: () => Promise<void>,
): Promise<{ server: number; postgres: number }> {
  const [server, postgres] = [processSeconds(pid), await backendSeconds(owner)];
  await work();
  return { server: processSeconds(pid) - server, postgres: (await backendSeconds(owner)) - postgres };
}
