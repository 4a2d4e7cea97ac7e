import pg from "pg";
import { asOrganization } from "../../db/as-organization.ts";
import { bucketColumnsOf } from "../../db/bucket-columns.ts";
import type { Sql } from "../../db/client.ts";
import { Copy } from "../../db/copied-rows.ts";
import { packOldReadings } from "../../db/pack-readings.ts";
import { stretchOf } from "../../db/quarters.ts";
import { readingsWithin } from "../../db/readings.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import { localSteps } from "../../domain/local-time/steps.ts";
import { Asker, serveStill } from "./ask.ts";
import { startBenchServer, type BenchEngine, type BenchServer } from "./bench-server.ts";
import { spentBy } from "./cpu-time.ts";
import { percentile, print } from "./figure.ts";
import { loadHistory, type Loaded } from "./query-load.ts";

interface Options {
  channels: number;
  requests: number;
  engine: BenchEngine;
}

/** One kind of question: where it is asked over HTTP, and what it asks of the database. */
interface Question {
  name: string;
  aimMs: number;
  path(turn: number): string;
  ask(sql: Sql): Promise<unknown>;
}

const dayMs = 86_400_000;
const zone = "Europe/Berlin";
const tell = (line: string) => process.stderr.write(`${line}\n`);

/**
 * From an HTTP request with an API key to the last byte of its answer, one after the other, against the same bytes from a server
 * that does nothing else; and what a reading takes on the disk before and after it is packed.
 */
export async function benchQuery({ channels, requests, engine }: Options): Promise<void> {
  const server = await startBenchServer(engine);
  const owner = new pg.Client({ connectionString: server.ownerUrl });
  try {
    await owner.connect();
    const loaded = await loadHistory(owner, server.organization.organizationId, channels, tell);
    for (const question of questionsOf(loaded)) await measure(server, owner, question, requests);
    const readings = (channels * dayMs) / 10_000;
    const before = await bytesOf(owner, "readings");
    // As a night in five weeks does it, when the month is over and its partition empty.
    const begun = performance.now();
    const packed = await packOldReadings(loaded.dayMs + 40 * dayMs);
    const seconds = (performance.now() - begun) / 1000;
    if (packed !== readings) throw new Error(`${packed} readings were packed instead of ${readings}`);
    await owner.query("vacuum analyze telemetry.readings, telemetry.reading_days");
    const after = (await bytesOf(owner, "readings")) + (await bytesOf(owner, "reading_days"));
    print({
      name: "query.storage.packed",
      engine,
      value: after / readings,
      unit: "bytes per reading older than a week, all indexes in",
      limit: before / readings,
      ratio: after / before,
      aim: 12,
      packedPerSecond: packed / seconds,
    });
    const [rawDay] = questionsOf(loaded);
    await measure(server, owner, { ...rawDay!, name: "query.day.packed" }, requests);
  } finally {
    await owner.end();
    await server.stop();
  }
}

function questionsOf({ channels, sites, dayMs: day, rollupFromMs }: Loaded): Question[] {
  const iso = (ms: number) => new Date(ms).toISOString();
  // Far apart, as people are.
  const channel = (turn: number) => channels[(turn * 7_919) % channels.length]!;
  const [endMs, quarters] = [day + dayMs, rollupFromMs];
  const yearMs = endMs - 365 * dayMs;
  const series = (turn: number, from: number, step: string) =>
    `/channels/${channel(turn)}/series?from=${iso(from)}&to=${iso(endMs)}&step=${step}`;
  const days = localSteps(zone, "day", yearMs, endMs);
  return [
    {
      name: "query.day.raw",
      aimMs: 25,
      path: (turn) => `/channels/${channel(turn)}/readings?from=${iso(day)}&to=${iso(endMs)}`,
      ask: (sql) => readingsWithin(sql, channel(1), { fromMs: day, toMs: endMs, limit: 10_001 }),
    },
    {
      name: "query.year.days",
      aimMs: 15,
      path: (turn) => series(turn, yearMs, "day"),
      ask: (sql) => energyOf(sql, [channel(1)], days),
    },
    {
      name: "query.months.quarters",
      aimMs: 60,
      path: (turn) => `${series(turn, quarters, "15m")}&limit=50000`,
      ask: (sql) => bucketColumnsOf(sql, [channel(1)], stretchOf({ startMs: quarters, endMs }), "series"),
    },
    {
      name: "query.year.costs",
      aimMs: 150,
      path: (turn) => `/sites/${sites[(turn * 31) % sites.length]}/costs?from=${iso(yearMs)}&to=${iso(endMs)}&step=day`,
      ask: (sql) => energyOf(sql, channels.slice(0, 10), days),
    },
  ];
}

async function measure(server: BenchServer, owner: pg.Client, question: Question, requests: number): Promise<void> {
  const { organizationId, apiKey } = server.organization;
  const asker = new Asker(apiKey);
  const askOne = (turn: number) => asker.ask(`${server.url}/api/v1${question.path(turn)}`);
  for (let turn = 0; turn < 10; turn++) await askOne(turn);
  const { body } = await askOne(0);
  const still = await serveStill(body);
  const [taken, limits]: [number[], number[]] = [[], []];
  // Turn by turn, so that what else the machine does falls on both.
  const cpu = await spentBy(server, owner, async () => {
    for (let turn = 0; turn < requests; turn++) {
      taken.push((await askOne(turn)).ms);
      limits.push((await asker.ask(still.url)).ms);
    }
  });
  asker.end();
  await still.stop();
  const sorted = (times: number[]) => times.sort((a, b) => a - b);
  const [value, limit] = [percentile(sorted(taken), 0.95), percentile(sorted(limits), 0.95)];
  const { items } = JSON.parse(body.toString()) as { items: unknown[] };
  print({
    name: question.name,
    value,
    unit: "ms from HTTP request to last byte, p95",
    limit,
    ratio: value / limit,
    p50: percentile(taken, 0.5),
    limitP50: percentile(limits, 0.5),
    aim: question.aimMs,
    serverCpuMs: (cpu.server * 1000) / requests,
    postgresCpuMs: (cpu.postgres * 1000) / requests,
    items: items.length,
    bytes: body.length,
    explain: await explain(organizationId, question),
  });
}

/** The plans of the statements that a question comes to, as Postgres carried them out. */
async function explain(organizationId: string, question: Question): Promise<string[]> {
  const plans: string[] = [];
  await asOrganization(organizationId, (sql) => {
    const planOf = async (text: string, values?: unknown[]) => {
      const { rows } = await sql.query<{ "QUERY PLAN": string }>(`explain (analyze, buffers) ${text}`, values);
      plans.push(...rows.map((row) => row["QUERY PLAN"]));
    };
    const query = async (given: string | { text: string; values: unknown[] }, values?: unknown[]) => {
      const [text, params] = typeof given === "string" ? [given, values] : [given.text, given.values];
      await planOf(text, params);
      return sql.query(text, params);
    };
    const copy = async (given: Copy) => {
      await planOf(given.select);
      sql.query(given);
    };
    const either = (given: unknown, values?: unknown[]) =>
      given instanceof Copy ? copy(given) : query(given as string, values);
    return question.ask({ query: either } as unknown as Sql);
  });
  return plans;
}

/** Of a table with its partitions or chunks, indexes and what is stored apart. */
async function bytesOf(owner: pg.Client, table: string): Promise<number> {
  const { rows } = await owner.query<{ bytes: number }>(
    `select sum(pg_total_relation_size(part))::float8 as bytes from (
       select ('telemetry.' || $1)::regclass as part
       union select inhrelid from pg_inherits where inhparent = ('telemetry.' || $1)::regclass) parts`,
    [table],
  );
  return rows[0]!.bytes;
}
