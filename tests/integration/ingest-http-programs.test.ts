import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestIngest, storedOf, type Tenant, type TestDevice, type TestIngest } from "../support/ingest.ts";

/** The programs by which scripts and routers send. */
let t: TestIngest;
let tenant: Tenant;
let device: TestDevice;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
beforeEach(async () => {
  device = await t.newDevice(tenant);
});
afterAll(() => t.stop());

const startS = 1_770_000_000;
const stored = async () =>
  (await storedOf(t, device)).map(({ key, timeMs, value }) => [key, timeMs / 1000 - startS, value]);

const run = promisify(execFile);
const isThere = async (program: string) =>
  run(program, ["--version"]).then(
    () => true,
    () => false,
  );
const [hasCurl, hasWget] = await Promise.all([isThere("curl"), isThere("wget")]);
if (!hasCurl) console.info("skipped: curl is not installed");
if (!hasWget) console.info("skipped: wget is not installed");

describe.skipIf(!hasCurl)("curl, as people paste it", () => {
  const curl = async (...given: string[]) => (await run("curl", ["-s", "-w", " %{http_code}", ...given])).stdout;

  it.each<[string, () => string[], string]>([
    [
      "a form",
      () => ["-d", `apikey=${device.password}`, "-d", `node=n&time=${startS}`, "-d", "csv=7", `${t.http}/input/post`],
      "ok 200",
    ],
    [
      "URL-encoded parts",
      () => [
        "-G",
        `${t.http}/input/post`,
        "--data-urlencode",
        'fulljson={"1":7}',
        "-d",
        `node=n&time=${startS}&apikey=${device.password}`,
      ],
      '{"success": true} 200',
    ],
    [
      "literal quotes",
      () => ["-g", `${t.http}/input/post?node=n&time=${startS}&fulljson={"1":7}&apikey=${device.password}`],
      '{"success": true} 200',
    ],
    [
      "literal braces",
      () => ["-g", `${t.http}/input/post.json?node=n&time=${startS}&json={1:7}&apikey=${device.password}`],
      "ok 200",
    ],
    [
      "Basic",
      () => [
        "-u",
        `${device.username}:${device.password}`,
        "--data-binary",
        `1 v=7 ${startS}`,
        `${t.http}/write?db=x&precision=s`,
      ],
      " 204",
    ],
    [
      "ThingsBoard",
      () => ["--json", `{"ts":${startS}000,"values":{"1":7}}`, `${t.http}/api/v1/${device.token}/telemetry`],
      " 200",
    ],
    [
      "one that waits for 100-continue",
      () => [
        "-H",
        "Expect: 100-continue",
        "-d",
        `apikey=${device.password}&node=n&time=${startS}&csv=7`,
        `${t.http}/input/post`,
      ],
      "ok 200",
    ],
  ])("%s", async (_name, given, answer) => {
    expect(await curl(...given())).toBe(answer);
    expect((await stored()).map(([, second, value]) => [second, value])).toEqual([[0, 7]]);
  });
});

describe.skipIf(!hasWget)("wget, as routers have it", () => {
  const wget = async (...given: string[]) => (await run("wget", ["-q", "-O", "-", ...given])).stdout;

  it("GET with the key in the address, POST with it in the form", async () => {
    const data = `node=n&time=${startS}&apikey=${device.password}`;
    expect(await wget(`${t.http}/input/post?${data}&csv=7`)).toBe("ok");
    expect(await wget(`--post-data=${data}&csv=null,7`, `${t.http}/input/post`)).toBe("ok");
    expect(await stored()).toEqual([
      ["1", 0, 7],
      ["2", 0, 7],
    ]);
  });
});
