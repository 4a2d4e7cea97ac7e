import pg from "pg";
import { isoDay } from "../../domain/local-time/civil-day.ts";
import { libraryJson, libraryNames } from "../../domain/tariff/library.ts";
import { Asker, serveStill } from "./ask.ts";
import { startBenchServer, type BenchServer } from "./bench-server.ts";
import { spentBy } from "./cpu-time.ts";
import { percentile, print } from "./figure.ts";
import { loadRollups, type Loaded } from "./query-load.ts";

interface Options {
  meters: number;
  tariffs: number;
}

const requests = 20;
const dayMs = 86_400_000;

/** The same over HTTP, from contracts and quarter-hours that lie in the database of a server of its own. */
export async function benchPricedYears({ meters, tariffs }: Options): Promise<void> {
  const server = await startBenchServer();
  const owner = new pg.Client({ connectionString: server.ownerUrl });
  const asker = new Asker(server.organization.apiKey);
  try {
    await owner.connect();
    const loaded = await loadRollups(owner, server.organization.organizationId, meters);
    const bench = {
      server,
      owner,
      loaded,
      ask: (path: string, sent?: unknown) => asker.ask(`${server.url}/api/v1${path}`, sent),
    };
    await repriceMeters(bench, meters);
    await compareTariffs(bench, asker, tariffs);
  } finally {
    asker.end();
    await owner.end();
    await server.stop();
  }
}

interface Bench {
  server: BenchServer;
  owner: pg.Client;
  loaded: Loaded;
  ask(path: string, sent?: unknown): Promise<{ ms: number; body: Buffer }>;
}

/** Every meter has a contract, whose price is corrected; then the bill of its year. The limit: the columns of the meters by COPY. */
async function repriceMeters({ server, owner, loaded, ask }: Bench, meters: number): Promise<void> {
  const version = (cents: number) => ({ validFrom: "2020-01-01", tariff: timeOfUse(cents) });
  const contracts: string[] = [];
  for (const [i, channel] of loaded.channels.slice(0, meters).entries()) {
    const given = { name: `Meter ${channel}`, channelId: String(channel), ...version(30) };
    const { body } = await ask(`/sites/${loaded.sites[Math.floor(i / 10)]}/contracts`, given);
    contracts.push((JSON.parse(body.toString()) as { id: string }).id);
  }
  const days = (loaded.dayMs + dayMs) / dayMs;
  const year = `from=${isoDay(days - 365)}&to=${isoDay(days)}`;
  const totalOf = async (id: string) =>
    Number((JSON.parse((await ask(`/contracts/${id}/bill?${year}`)).body.toString()) as { total: string }).total);
  const before = await totalOf(contracts[0]!);
  const begun = performance.now();
  let after = 0;
  const cpu = await spentBy(server, owner, async () => {
    for (const id of contracts) {
      await ask(`/contracts/${id}/versions`, version(60));
      after = Math.max(after, await totalOf(id));
    }
  });
  if (!(after > 1.5 * before)) throw new Error(`the correction is not in the bills: ${before} became ${after}`);
  const seconds = (performance.now() - begun) / 1000;
  const reading = await spentBy(server, owner, async () => {
    await owner.query(
      `select count(encode(energy_kwh, 'base64')), count(encode(covered_s, 'base64')) from telemetry.rollup_days where day >= $1`,
      [isoDay(days - 365)],
    );
  });
  const [value, limit] = [cpu.server + cpu.postgres, reading.postgres];
  print({
    name: "bill.reprice_meters",
    value,
    unit: "s CPU (server and Postgres) for a corrected contract and the bill of its year, each over HTTP",
    limit,
    ratio: value / limit,
    aim: 20,
    ...{ seconds, serverSeconds: cpu.server, postgresSeconds: cpu.postgres, meters: contracts.length },
  });
}

/** One site's own year at many tariffs. The limit: the same bytes by a server that has them in its hand. */
async function compareTariffs({ server, owner, loaded, ask }: Bench, asker: Asker, tariffs: number): Promise<void> {
  const shapes = libraryNames().map(libraryJson) as { currency: string; medium?: string }[];
  const own = shapes.filter(({ currency, medium = "electricity" }) => currency === "EUR" && medium === "electricity");
  const chosen = { tariffs: Array.from({ length: tariffs }, (_, i) => own[i % own.length]) };
  const ask1 = (turn: number) => ask(`/sites/${loaded.sites[turn % loaded.sites.length]}/compare`, chosen);
  for (let turn = 0; turn < 5; turn++) await ask1(turn);
  const { body } = await ask1(0);
  const still = await serveStill(body);
  const [taken, limits]: [number[], number[]] = [[], []];
  const cpu = await spentBy(server, owner, async () => {
    for (let turn = 0; turn < requests; turn++) {
      taken.push((await ask1(turn)).ms);
      limits.push((await asker.ask(still.url)).ms);
    }
  });
  await still.stop();
  for (const times of [taken, limits]) times.sort((a, b) => a - b);
  const [value, limit] = [percentile(taken, 0.95), percentile(limits, 0.95)];
  const { ranked } = JSON.parse(body.toString()) as { ranked: unknown[] };
  print({
    name: "bill.compare_tariffs",
    value,
    unit: "ms from HTTP request to last byte, p95",
    limit,
    ratio: value / limit,
    aim: 1000,
    ...{ p50: percentile(taken, 0.5), tariffs: ranked.length, channels: 10, bytes: body.length },
    serverCpuMs: (cpu.server * 1000) / requests,
    postgresCpuMs: (cpu.postgres * 1000) / requests,
  });
}

/** Two rates of the week and a standing charge, as many households pay. */
const timeOfUse = (cents: number) => ({
  name: "Day and night",
  currency: "EUR",
  components: [
    {
      type: "energy",
      price: {
        kind: "time-of-use",
        rates: [
          { name: "Night", price: (cents - 10) / 100 + "", when: [{ hours: ["22:00-06:00"] }] },
          { name: "Day", price: cents / 100 + "" },
        ],
      },
    },
    { type: "standing", amount: "12.50", per: "month" },
  ],
});
