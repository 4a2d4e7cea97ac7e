import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "./fixtures.ts";

/** Real measured series, loaded by `energy demo --data`, looked at on the dashboard. They are not part of the project. */
const measured = join(import.meta.dirname, "../../../shared/data/dev");
const ids = ["cossmic1_grid", "sgsc_a", "ausgrid_pv"];

test.skip(
  !existsSync(join(measured, "manifest.json")),
  "the measured series are not beside the project (../shared/data/dev)",
);

interface Demo {
  url: string;
  apiKey: string;
  email: string;
  password: string;
  stop(): Promise<void>;
}

async function startDemo(): Promise<Demo> {
  const home = mkdtempSync(join(tmpdir(), "energy-measured-"));
  chmodSync(home, 0o755);
  const data = join(home, "series");
  mkdirSync(join(data, "series"), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(measured, "manifest.json"), "utf8")) as {
    series: { id: string; file: string }[];
  };
  manifest.series = manifest.series.filter(({ id }) => ids.includes(id));
  writeFileSync(join(data, "manifest.json"), JSON.stringify(manifest));
  for (const { file } of manifest.series) copyFileSync(join(measured, file), join(data, file));
  const [port, mqttPort] = [20_000 + (process.pid % 10_000), 30_000 + (process.pid % 10_000)];
  const env = {
    ...process.env,
    DATA_DIR: join(home, "data"),
    PORT: String(port),
    MQTT_PORT: String(mqttPort),
    LOG_LEVEL: "warn",
    DATABASE_URL: "",
    MQTT_URL: "",
    PUBLIC_URL: "",
  };
  const child = spawn(process.execPath, ["cli/energy.mjs", "demo", "--data", data], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = await untilReady(child);
  const word = (name: string) => new RegExp(`${name}\\s+(\\S+)`).exec(said)![1]!;
  return {
    url: word("address"),
    apiKey: /"apiKey":"([^"]+)"/.exec(said)![1]!,
    email: word("e-mail"),
    password: word("password"),
    async stop() {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function untilReady(child: ChildProcess): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stdout!.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (/^ready /m.test(said)) resolve(said);
    });
    child.once("exit", (code) => reject(new Error(`the demo ended with code ${code}`)));
  });
}

/** The published days of a month, added up. */
function monthKwh(id: string, month: string): number {
  const lines = gunzipSync(readFileSync(join(measured, "daily", `${id}.csv.gz`)))
    .toString()
    .trim()
    .split("\n")
    .slice(1);
  const days = lines.filter((line) => line.startsWith(month)).map((line) => Number(line.split(",")[1]));
  return days.reduce((sum, day) => sum + day, 0);
}

test("a measured year on the dashboard is what its publisher counted", async ({ page, request }) => {
  test.setTimeout(120_000);
  const demo = await startDemo();
  try {
    await page.goto(`${demo.url}/login`);
    await page.locator('[name="email"]').fill(demo.email);
    await page.locator('[name="password"]').fill(demo.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL(/\/sites\/[0-9a-f-]+$/);
    const answer = await request.get(`${demo.url}/api/v1/sites`, {
      headers: { authorization: `Bearer ${demo.apiKey}` },
    });
    const { items } = (await answer.json()) as { items: { id: string; timezone: string }[] };
    const berlin = items.find(({ timezone }) => timezone === "Europe/Berlin")!;
    await page.goto(`${demo.url}/sites/${berlin.id}?year=2016`);
    const label = await page.getByRole("button", { name: /^April 2016/ }).getAttribute("aria-label");
    expect(label).toMatch(/kWh/);
    const kwh = Number(/([\d,]+(?:\.\d+)?) kWh/.exec(label!)![1]!.replace(",", ""));
    expect(Math.abs(kwh - monthKwh("cossmic1_grid", "2016-04"))).toBeLessThanOrEqual(0.5);
  } finally {
    // The page leaves first: a server that goes away under it is an error in its console.
    await page.goto("about:blank");
    await demo.stop();
  }
});
