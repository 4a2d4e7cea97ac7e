import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../cli/engines/cluster-state.ts";
import { findRunning, openEmbeddedPostgres, type EmbeddedPostgres } from "../../cli/engines/embedded-postgres.ts";
import {
  cutSome,
  expectOnce,
  killPostgres,
  lostOf,
  makeDevices,
  Process,
  rounds,
  seed,
  startS,
  storedOf,
  strikes,
  type ChaosDevice,
} from "../support/chaos.ts";
import { pause, until } from "../support/clients.ts";
import { linkTo, type DatabaseLink } from "../support/database-link.ts";
import { noMosquitto, startMosquitto, type TestMosquitto } from "../support/mosquitto.ts";
import { Witness } from "../support/witness.ts";
import { mqttWriter, type Writer } from "../support/writers.ts";

/**
 * A real `energy ingest` between Debian's Mosquitto and Postgres. Mosquitto acknowledges to the device by itself, once the message
 * is on its way to an ingest that is connected, and saves it a moment later when there is none. So one thing is lost, and no
 * product behind it can know of it: what it had acknowledged when it was killed, had not saved, and had not written to an ingest
 * that lives on. The test knows exactly what that can be, and excuses nothing else.
 */
describe.skipIf(noMosquitto)(`chaos with an external Mosquitto${noMosquitto ? ` (${noMosquitto})` : ""}`, () => {
  let dataDir: string;
  let postgres: EmbeddedPostgres;
  let mosquitto: TestMosquitto;
  let ingest: Process;
  let links: { device: DatabaseLink; broker: DatabaseLink; database: DatabaseLink };
  let devices: ChaosDevice[];
  let writers: Writer[];
  const witness = new Witness();
  /** By value: acknowledged by Mosquitto alone, and gone with it. */
  const goneWithMosquitto = new Set<number>();

  beforeAll(async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), "energy-chaos-"));
    chmodSync(dataDir, 0o755);
    // It comes back by itself when it is killed, and what it has committed is on the disk.
    postgres = await openEmbeddedPostgres({ dataDir, own: true, log: () => {} });
    const migrate = { DATABASE_URL: postgres.appUrl, MIGRATE_DATABASE_URL: postgres.ownerUrl };
    await new Process("migrate", migrate).start();
    mosquitto = await startMosquitto();
    links = {
      device: await linkTo(`mqtt://127.0.0.1:${mosquitto.port}`),
      broker: await linkTo(mosquitto.url, witness.watch),
      database: await linkTo(postgres.appUrl),
    };
    ingest = new Process("ingest", {
      ...{ DATABASE_URL: links.database.url, MQTT_URL: links.broker.url },
      ...{ DATA_DIR: path.join(dataDir, "ingest"), INGEST_PORT: String(await freePort()) },
    });
  });

  afterAll(async () => {
    await ingest.end("SIGKILL");
    await Promise.all(Object.values(links).map((link) => link.cut()));
    await mosquitto.stop();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** The ingest ends; of what it was given nothing is with it any more. */
  async function killIngest(): Promise<void> {
    await ingest.end("SIGKILL");
    witness.delivered.clear();
    witness.note("the ingest was killed");
  }

  /** Kills Mosquitto, notes what is gone with it, and starts it again. Answers what only a living ingest has now. */
  async function killMosquitto(): Promise<number[]> {
    await mosquitto.kill("SIGKILL");
    witness.note("Mosquitto was killed");
    // What it had sent to the devices arrives, however busy this process is: then nothing more counts as acknowledged.
    await until(() => writers.every((writer) => !writer.isConnected()));
    await pause(100);
    const saved = mosquitto.saved();
    const unsaved = writers
      .flatMap(({ acknowledged }) => [...acknowledged.values()])
      .filter((value) => !witness.acknowledged.has(value) && !saved.includes(`"power":${value}}`));
    const given = unsaved.filter((value) => witness.delivered.has(value));
    for (const value of unsaved)
      witness.note(`loss of ${value} with Mosquitto${given.includes(value) ? ", given" : ""}`);
    for (const value of unsaved) if (!witness.delivered.has(value)) goneWithMosquitto.add(value);
    // The connection has ended: what comes on the next one is another delivery.
    witness.delivered.clear();
    await mosquitto.start();
    witness.note("Mosquitto was started");
    return given;
  }

  /** The ingest, and with it Mosquitto or Postgres, a moment before or after. */
  async function killWithIngest(random: () => number): Promise<void> {
    const other = random();
    const isFirst = random() < 0.5;
    const also = async () => {
      // What the ingest was given may be with it alone, and it is killed as well.
      if (other < 0.4) for (const value of await killMosquitto()) goneWithMosquitto.add(value);
      else if (other < 0.65) await killPostgres(dataDir);
    };
    if (isFirst) await also();
    await pause(random() * 60);
    await killIngest();
    if (!isFirst) await also();
    // A process that finds no database at its start says so and ends: whoever starts it tries again.
    await until(async () => (await findRunning(dataDir).catch(() => null)) !== null, 30_000);
    await ingest.start();
    witness.note("the ingest was started");
  }

  /** Mosquitto, at times while the database is away: what the ingest was given is stored, although nobody else has it. */
  async function killMosquittoAlone(random: () => number, withoutDatabase: boolean): Promise<void> {
    if (withoutDatabase) await links.database.cut();
    if (withoutDatabase) witness.note("the database was cut off");
    if (withoutDatabase) await pause(random() * 400);
    const given = await killMosquitto();
    await links.database.restore();
    witness.note("the database can be reached");
    await until(async () => {
      const stored = (await Promise.all(devices.map(({ id }) => storedOf(postgres.ownerUrl, id)))).flat();
      const values = new Set(stored.map(([, value]) => value));
      const lost = given.filter((value) => !values.has(value));
      expect(lost, `given to the ingest, and lost: ${told(lost)}`).toEqual([]);
    }, 30_000);
  }

  /** For who has to find out why. */
  const told = (values: readonly number[]) =>
    `\n${values.length ? witness.historyOf(values) : ""}\nthe ingest says: ${ingest.log.join("").slice(-2_000)}`;

  /** Something goes wrong, and is mended. */
  async function strike(random: () => number): Promise<void> {
    const kind = random();
    if (kind < 0.25) {
      // On a cable that is pulled, things are on their way.
      witness.delivered.clear();
      await cutSome(random, Object.values(links), 0.5);
      witness.note("cables were pulled");
    } else if (kind < 0.35) {
      await killPostgres(dataDir);
      await pause(random() * 500);
    } else if (kind < 0.65) await killMosquittoAlone(random, kind < 0.5);
    else await killWithIngest(random);
  }

  it(
    `after ${rounds} strikes at random moments every acknowledged reading is there, once if it has its time (seed ${seed})`,
    async () => {
      await ingest.start();
      devices = await makeDevices(postgres.ownerUrl, 3);
      const port = Number(new URL(links.device.url).port);
      writers = devices.map(({ login }, i) => {
        const how = { startS, paceMs: 3, prefix: `t/${login.username}/` };
        return mqttWriter(i + 1, { port, login, ...how, inFlight: [40, 1, 10][i]!, isTimeless: i === 2 });
      });
      await strikes(writers, strike).catch((error: Error) => {
        throw new Error(`${error.message}: ${told([0])}`, { cause: error });
      });
      let gone = 0;
      for (const [i, writer] of writers.entries()) {
        let stored: [number, number][] = [];
        await until(async () => {
          stored = await storedOf(postgres.ownerUrl, devices[i]!.id);
          const lost = lostOf(writer, stored).filter((value) => !goneWithMosquitto.has(value));
          expect(lost, `lost of writer ${i + 1}: ${told(lost)}`).toEqual([]);
        }, 60_000);
        const inVain = lostOf(writer, stored).filter((value) => witness.acknowledged.has(value));
        expect(inVain, `lost of writer ${i + 1} although the ingest acknowledged it`).toEqual([]);
        if (i < 2) expectOnce(writer, stored, `writer ${i + 1}`);
        expect(writer.acknowledged.size).toBeGreaterThan(rounds / 2);
        gone += lostOf(writer, stored).length;
      }
      process.stdout.write(`nothing lost but ${gone} gone with Mosquitto; slowest start ${ingest.slowestStartMs} ms\n`);
      await ingest.end("SIGTERM");
      expect(ingest.exitCode, ingest.log.join("").slice(-4_000)).toBe(0);
    },
    120_000 + rounds * 10_000,
  );
});
