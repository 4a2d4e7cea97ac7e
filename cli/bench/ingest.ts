import pg from "pg";
import { Agent, request } from "node:http";
import { startBenchServer, type BenchServer } from "./bench-server.ts";
import { benchConnections } from "./connections.ts";
import { copyLimit, countReadings } from "./copy-limit.ts";
import { percentile, print } from "./figure.ts";
import { publishFor } from "./mqtt-load.ts";

interface Options {
  seconds: number;
  clients: number;
  window: number;
  fields: number;
  connections: number;
}

const readingsPerMessage = 8;

export async function benchIngest(options: Options): Promise<void> {
  const server = await startBenchServer();
  const owner = new pg.Client({ connectionString: server.ownerUrl });
  try {
    await owner.connect();
    const mqtt = await benchMqtt(server, owner, options);
    const three = await benchThree(server, owner, options);
    const http = await benchHttp(server, owner, options);
    const limit = await copyLimit(owner);
    print({
      name: "ingest.mqtt.readings",
      value: mqtt.perSecond,
      unit: "readings/s acknowledged after commit",
      limit,
      ratio: mqtt.perSecond / limit,
      aim: 40_000,
    });
    print({
      name: "ingest.mqtt.messages",
      value: mqtt.perSecond / readingsPerMessage,
      unit: "messages/s",
      aim: 5_000,
      clients: options.clients,
      window: options.window,
    });
    print({
      name: "ingest.mqtt.latency",
      value: mqtt.p50,
      unit: "ms publish to PUBACK, p50",
      p95: mqtt.p95,
      p99: mqtt.p99,
    });
    print({
      name: "ingest.mqtt.three",
      value: three.perSecond / 3,
      unit: "messages/s of three readings, acknowledged after commit",
      limit: limit / 3,
      ratio: three.perSecond / limit,
      aim: 15_000,
      p50: three.p50,
      p95: three.p95,
    });
    print({
      name: "ingest.http.fields",
      value: http.perSecond,
      unit: "fields/s acknowledged after commit",
      limit,
      ratio: http.perSecond / limit,
      aim: 100_000,
      fieldsPerRequest: options.fields,
    });
    print({ name: "ingest.http.latency", value: http.p50, unit: "ms per request, p50", p95: http.p95 });
    if (options.connections) await benchConnections(server, options);
    print({ name: "ingest.limit", value: limit, unit: "rows/s by COPY of the same rows into a table alike" });
  } finally {
    await owner.end();
    await server.stop();
  }
}

interface Sent {
  name: string;
  topic: (i: number) => string;
  payload: (turn: number) => string;
  readings: number;
}

const benchMqtt = (server: BenchServer, owner: pg.Client, options: Options) =>
  benchMessages(server, owner, options, {
    name: "plug",
    topic: (i) => `tele/plug_${i}/SENSOR`,
    payload: (turn) => tasmota(turn / 1000),
    readings: readingsPerMessage,
  });

const benchThree = (server: BenchServer, owner: pg.Client, options: Options) =>
  benchMessages(server, owner, options, {
    name: "meter",
    topic: (i) => `energy/meter_${i}`,
    payload: (turn) => `{"power":${100 + (turn % 900)},"voltage":231,"energy.import":${(turn / 1000).toFixed(3)}}`,
    readings: 3,
  });

async function benchMessages(
  server: BenchServer,
  owner: pg.Client,
  { seconds, clients, window }: Options,
  { name, topic, payload, readings }: Sent,
) {
  const senders = [];
  for (let i = 0; i < clients; i++)
    senders.push({ credential: (await server.addDevice(`${name} ${i}`)).credential, topic: topic(i) });
  let turn = 0;
  const next = () => payload(++turn);
  await publishFor(1, { port: server.mqttPort, window: 1, senders, payload: next });
  const before = await countReadings(owner);
  const load = await publishFor(seconds, { port: server.mqttPort, window, senders, payload: next });
  const stored = (await countReadings(owner)) - before;
  if (stored < load.acknowledged * readings)
    throw new Error(`${load.acknowledged} messages were acknowledged, but only ${stored} readings are stored`);
  const { latencies } = load;
  return {
    perSecond: (load.acknowledged * readings) / load.seconds,
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    p99: percentile(latencies, 0.99),
  };
}

/** A plug's message as Tasmota sends it: eight readings. */
function tasmota(total: number): string {
  const power = 100 + (total % 1) * 1_000;
  return `{"Time":"2026-11-24T00:00:00","ENERGY":{"TotalStartTime":"2026-01-01T00:00:00","Total":${total.toFixed(3)},"Yesterday":1.2,"Today":0.401,"Power":${power.toFixed(0)},"ApparentPower":${(power + 5).toFixed(0)},"ReactivePower":12,"Factor":0.97,"Voltage":231,"Current":${(power / 231).toFixed(3)}}}`;
}

async function benchHttp(server: BenchServer, owner: pg.Client, { seconds, fields }: Options) {
  const { credential } = await server.addDevice("telegraf");
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const latencies: number[] = [];
  let sent = 0;
  let second = 1_700_000_000;
  const started = performance.now();
  const before = await countReadings(owner);
  const loop = async (until: number) => {
    while (performance.now() < until) {
      const begun = performance.now();
      await post(server.url, credential.token, agent, lines(fields, second++));
      latencies.push(performance.now() - begun);
      sent += fields;
    }
  };
  await Promise.all([loop(started + seconds * 1000), loop(started + seconds * 1000)]);
  const elapsed = (performance.now() - started) / 1000;
  agent.destroy();
  const stored = (await countReadings(owner)) - before;
  if (stored < sent) throw new Error(`${sent} fields were acknowledged, but only ${stored} readings are stored`);
  latencies.sort((a, b) => a - b);
  return { perSecond: sent / elapsed, p50: percentile(latencies, 0.5), p95: percentile(latencies, 0.95) };
}

/** `count` fields of up to 100 meters (five fields a line), seconds apart: a Telegraf's batch. */
function lines(count: number, second: number): string {
  const rows: string[] = [];
  for (let i = 0; i < count / 5; i++) {
    const power = 200 + ((i * 7919 + second) % 1000);
    rows.push(
      `meter,id=m${i % 90} power=${power}.5,voltage_l1=231.4,current_l1=${(power / 231).toFixed(3)},import_energy_kwh=${(10_000 + second / 1e6).toFixed(3)},frequency=50.01 ${second * 100 + Math.floor(i / 90)}`,
    );
  }
  return rows.join("\n");
}

function post(url: string, token: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = request(
      `${url}/api/v2/write?org=o&bucket=b&precision=ms`,
      {
        method: "POST",
        agent,
        headers: { authorization: `Token ${token}`, "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.once("end", () =>
          response.statusCode === 204 ? resolve() : reject(new Error(`the server answered ${response.statusCode}`)),
        );
      },
    );
    sending.once("error", reject);
    sending.end(body);
  });
}
