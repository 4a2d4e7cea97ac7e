import type { Log } from "../platform/log.ts";
import { totalOf } from "../platform/metrics.ts";
import { ProcessRow, beatEveryMs, type ProcessKind } from "./processes.ts";

export interface HeartbeatOptions {
  kind: ProcessKind;
  /** Facts that are counters of platform/metrics, told as so much a second since the beat before. */
  counted: Readonly<Record<string, string>>;
  /** How it does at this moment. */
  now: () => Record<string, number | boolean>;
  log: Log;
}

/** Says every 15 s that this process lives, and how much it did a second since it last said so. */
export async function startHeartbeat({
  kind,
  counted,
  now,
  log,
}: HeartbeatOptions): Promise<{ stop(): Promise<void> }> {
  const row = new ProcessRow(kind);
  const totals: Record<string, number> = {};
  let sinceMs = Date.now();

  async function beat(): Promise<void> {
    const nowMs = Date.now();
    const seconds = Math.max(1, (nowMs - sinceMs) / 1000);
    const facts = { ...now() };
    for (const [fact, metric] of Object.entries(counted)) {
      const total = await totalOf(metric);
      facts[fact] = Math.round((10 * (total - totals[fact]!)) / seconds) / 10;
      totals[fact] = total;
    }
    sinceMs = nowMs;
    await row.beat({ facts });
  }

  const quietly = () =>
    beat().catch((error: Error) => log.debug({ kind, reason: error.message }, "a process's heartbeat failed"));
  for (const [fact, metric] of Object.entries(counted)) totals[fact] = await totalOf(metric);
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
