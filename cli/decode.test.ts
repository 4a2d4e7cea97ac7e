import { spawn } from "node:child_process";
import { expect, it } from "vitest";

/** Runs `energy decode` on lines, as a person would, and answers what it wrote. */
async function decode(lines: unknown[]): Promise<{ code: number | null; out: Record<string, unknown>[] }> {
  const script = "import('./cli/decode.ts').then((m) => m.command.parseAsync([], { from: 'user' }))";
  const child = spawn(process.execPath, ["--import", "tsx", "-e", script], { cwd: new URL("..", import.meta.url) });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stdin.end(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    code,
    out: text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

it("answers each line in order, earlier messages first, times in UTC", async () => {
  const status = (topic: string, body: object) => ({ transport: "mqtt", topic, payload: JSON.stringify(body) });
  const { code, out } = await decode([
    { ...status("p/status/switch:0", { aenergy: { total: 10500 } }) },
    {
      ...status("p/events/rpc", {
        src: "p",
        method: "NotifyStatus",
        params: { ts: 1741946400.370125, "switch:0": { aenergy: { total: 10500 } } },
      }),
      before: [{ topic: "p/status/switch:0", payload: '{"ret_aenergy":{"total":4000}}' }],
    },
    {
      transport: "http",
      method: "POST",
      path: "/write",
      query: "db=x&precision=s",
      config: { credential: "unknown" },
      payload: "m v=1 1",
    },
    {
      transport: "mqtt",
      topic: "energy/a",
      payload: Buffer.from('{"power":1}').toString("base64"),
      encoding: "base64",
    },
  ]);
  expect(code).toBe(0);
  expect(out[0]).toEqual({
    readings: [{ device: "p", metric: "energy.import.ch0", value: 10.5, unit: "kWh", time: null, kind: "counter" }],
  });
  expect(out[1]).toMatchObject({ readings: [{ value: 6.5, time: "2025-03-14T10:00:00.370125Z" }] });
  expect(out[2]).toMatchObject({ readings: [], error: expect.any(String), response: { status: 401 } });
  expect(out[3]).toMatchObject({ readings: [{ device: "a", metric: "power", value: 1 }] });
}, 30_000);

it("answers a line that is no message with an error, goes on, and exits with 1", async () => {
  const { code, out } = await decode([
    "{oops",
    { transport: "pigeon" },
    { transport: "mqtt", topic: "energy/a", payload: '{"power":1}' },
  ]);
  expect(code).toBe(1);
  expect(out).toMatchObject([
    { readings: [], error: expect.any(String) },
    { error: expect.stringContaining("transport") },
    { readings: [{ value: 1 }] },
  ]);
}, 30_000);
