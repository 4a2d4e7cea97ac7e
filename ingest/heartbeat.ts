import { ProcessRow, beatEveryMs } from "../db/processes.ts";
import type { Log } from "../platform/log.ts";
import { counter } from "../platform/metrics.ts";

export interface HeartbeatOptions {
  /** How it does at this moment. */
  now: () => { connections: number; waitingRows: number; spoolBytes: number; isDown: boolean };
  log: Log;
}

const totals = { messages: "messages_total", readings: "readings_total", refused: "drops_total" } as const;

/** The sum over all labels. */
async function totalOf(name: string): Promise<number> {
  const { values } = await counter(name, "").get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

/** Says every 15 s that this ingest lives, and how much it took a second since it last did. */
export async function startHeartbeat({ now, log }: HeartbeatOptions): Promise<{ stop(): Promise<void> }> {
  const row = new ProcessRow("ingest");
  const since = { atMs: Date.now(), messages: 0, readings: 0, refused: 0 };

  async function beat(): Promise<void> {
    const nowMs = Date.now();
    const seconds = Math.max(1, (nowMs - since.atMs) / 1000);
    const facts: Record<string, number | boolean> = { ...now() };
    for (const [fact, metric] of Object.entries(totals) as [keyof typeof totals, string][]) {
      const total = await totalOf(metric);
      facts[fact] = Math.round((10 * (total - since[fact])) / seconds) / 10;
      since[fact] = total;
    }
    since.atMs = nowMs;
    await row.beat({ facts });
  }

  const quietly = () =>
    beat().catch((error: Error) => log.debug({ reason: error.message }, "the ingest's heartbeat failed"));
  for (const [fact, metric] of Object.entries(totals) as [keyof typeof totals, string][])
    since[fact] = await totalOf(metric);
  let beating = quietly();
  const timer = setInterval(() => (beating = beating.then(quietly)), beatEveryMs).unref();
  return {
    async stop() {
      clearInterval(timer);
      await beating;
      await row.end().catch(() => {});
    },
  };
}
