import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../domain/device/device.ts";
import { Spool } from "../../ingest/spool.ts";
import { push, settles, until } from "../support/clients.ts";
import { startTestIngest, storedOf, type TestIngest } from "../support/ingest.ts";

/** A disk of half a megabyte, where the system lets us have one. */
let disk = "";
const noDisk = (() => {
  disk = mkdtempSync(join(tmpdir(), "energy-full-disk-"));
  chmodSync(disk, 0o755);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], { stdio: "ignore" });
    return "";
  } catch {
    return "needs the right to mount";
  }
})();

const filler = join(disk, "filler");
const fill = (bytes: number) => writeFileSync(filler, Buffer.alloc(bytes));
const free = () => rmSync(filler);

afterAll(() => {
  if (!noDisk) execFileSync("umount", [disk]);
  rmSync(disk, { recursive: true });
});

describe.skipIf(noDisk)(`on a full disk${noDisk && ` (${noDisk})`}`, () => {
  const message = (n: number): Message => ({
    ...{ transport: "mqtt", topic: "m", receivedAtMs: n },
    payload: Buffer.from("x".repeat(1_000)),
  });

  it("a message for the spool is not said to be kept; those before it are read back, and it goes on when there is room", async () => {
    const lines: string[] = [];
    const spool = new Spool(join(disk, "spool"), pino({}, { write: (line: string) => void lines.push(line) }));
    fill(400_000);
    const kept: number[] = [];
    for (let n = 0; n < 200; n++) if (await spool.append({ credentialId: "c", message: message(n) })) kept.push(n);
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(100);
    expect(lines.join()).toContain("messages sent at QoS 0 are being lost: the disk is full");
    free();
    await until(() => spool.append({ credentialId: "c", message: message(999) }), 10_000);
    const files = await spool.seal();
    const found = (await Promise.all(files.map((path) => spool.read(path)))).flat();
    expect(found.map(({ message }) => message.receivedAtMs)).toEqual([...kept, 999]);
    for (const path of files) await spool.remove(path);
    await spool.close();
  });

  it("the spool has a bound, in which what earlier processes left counts", async () => {
    const folder = join(disk, "bounded");
    mkdirSync(folder);
    writeFileSync(join(folder, "elsewhere-1-a-0.ndjson"), "x".repeat(5_000));
    const spool = new Spool(folder, pino({ level: "silent" }), 10_000);
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await spool.append({ credentialId: "c", message: message(n) }));
    expect(answers).toEqual([true, true, true, false, false]);
    await spool.close();
    rmSync(folder, { recursive: true });
  });

  describe("of the database", () => {
    let t: TestIngest;
    beforeAll(async () => {
      t = await startTestIngest();
      const folder = join(disk, "tablespace");
      mkdirSync(folder);
      execFileSync("chown", ["postgres", folder]);
      await t.owner.query(`create tablespace full_disk location '${folder}'`);
      await t.owner.query("alter table telemetry.dirty set tablespace full_disk");
    });
    afterAll(async () => {
      await t.owner.query("alter table telemetry.dirty set tablespace pg_default");
      await t.owner.query("drop tablespace full_disk");
      await t.stop();
    });

    it("nothing is acknowledged, senders are told to wait, it is said, and all goes on when there is room", async () => {
      const device = await t.newDevice(await t.newTenant());
      const headers = { authorization: `Bearer ${device.token}`, "content-type": "application/json" };
      // Hours apart: each is a mark of its own.
      const post = (from: number) => {
        const rows = Array.from({ length: 500 }, (_, i) => ({ time: 1_700_000_000 + (from + i) * 7_200, power: i }));
        return push(t.http, "/api/v1/readings", { body: JSON.stringify(rows), headers });
      };
      expect((await post(0)).status).toBe(204);
      fill(400_000);
      let acknowledged = 500;
      let waiting: ReturnType<typeof post>;
      while (await settles((waiting = post(acknowledged)), 3_000)) {
        expect((await waiting).status).toBe(204);
        acknowledged += 500;
      }
      await until(() => t.warnings.some((line) => line.includes("the database's disk is full: free some space")));
      const told = await push(t.http, "/api/v1/readings", { body: '{"power":1}', headers });
      expect([told.status, Number(told.headers.get("retry-after")) > 0]).toEqual([503, true]);
      expect(await storedOf(t, device)).toHaveLength(acknowledged);
      free();
      expect((await waiting).status).toBe(204);
      expect(await storedOf(t, device)).toHaveLength(acknowledged + 500);
    });
  });
});
