import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBenchServer, type BenchServer } from "../../cli/bench/bench-server.ts";
import { publishFor } from "../../cli/bench/mqtt-load.ts";
import type { Credential } from "../../domain/access/credential.ts";

/** Postgres dies alone, under load and in the middle of roll-ups: the server lives on, brings it back, and catches up. */
const kills = 4;
let server: BenchServer;

beforeAll(async () => {
  server = await startBenchServer();
}, 60_000);

let isStopped = false;
afterAll(async () => {
  if (!isStopped) await server.stop();
});

async function until(check: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    if (await check().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not so after ${timeoutMs} ms`);
}

async function waitingMarks(): Promise<number> {
  const owner = new pg.Client({ connectionString: server.ownerUrl });
  await owner.connect();
  try {
    const { rows } = await owner.query<{ n: string }>("select count(*) as n from telemetry.dirty");
    return Number(rows[0]!.n);
  } finally {
    await owner.end();
  }
}

test("the server outlives its Postgres, and the roll-up goes on", async () => {
  const senders: { credential: Credential; topic: string }[] = [];
  for (let i = 0; i < 4; i++) {
    senders.push({ credential: (await server.addDevice(`plug ${i}`)).credential, topic: `energy/plug${i}` });
  }
  let watts = 0;
  const payload = () => JSON.stringify({ power: (watts = (watts + 7) % 3_000) });
  for (let kill = 0; kill < kills; kill++) {
    const load = publishFor(1.5, { port: server.mqttPort, window: 5, senders, payload });
    await new Promise((resolve) => setTimeout(resolve, 400 + kill * 200));
    process.kill(await server.postgresPid(), "SIGKILL");
    // What could not be answered meanwhile is answered when the database is back: no connection is lost over it.
    const { acknowledged } = await load;
    expect(acknowledged).toBeGreaterThan(0);
    await until(async () => (await fetch(`${server.url}/readyz`)).status === 200, 20_000);
  }
  const after = await publishFor(0.5, { port: server.mqttPort, window: 5, senders, payload });
  expect(after.acknowledged).toBeGreaterThan(0);
  await until(async () => (await waitingMarks()) === 0, 30_000);
  isStopped = true;
  // Rejects unless it ended with code 0.
  await server.stop();
}, 120_000);
