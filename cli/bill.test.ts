import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { rmSync } from "node:fs";
import type { BillJson } from "../domain/tariff/bill-json.ts";

const folder = mkdtempSync(join(tmpdir(), "bill-"));
afterAll(() => rmSync(folder, { recursive: true }));

function energy(args: string[], stdin = ""): Promise<{ code: number; stdout: string; stderr: string }> {
  const program = join(import.meta.dirname, "energy.mjs");
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, "bill", ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin!.end(stdin);
  });
}

function file(name: string, content: string | object): string {
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
}

const flat = file("flat.json", { name: "Flat", currency: "EUR", components: [{ type: "energy", price: 0.3 }] });
const contract = file("contract.json", {
  versions: [
    { validFrom: "2026-01-01", tariff: { name: "a", currency: "EUR", components: [{ type: "energy", price: "0.3" }] } },
    { validFrom: "2026-03-29", tariff: { name: "b", currency: "EUR", components: [{ type: "energy", price: "0.4" }] } },
  ],
});

/** 1 kWh an hour over the two days around a change of clocks: 24 and 23 hours. */
function hours(column = "importKwh"): string {
  const rows = Array.from(
    { length: 47 * 4 },
    (_, i) => `${new Date(Date.parse("2026-03-27T23:00Z") + i * 900_000).toISOString()},0.25`,
  );
  return [`start,${column}`, ...rows].join("\n");
}

const csv = file("buckets.csv", hours());

async function billOf(args: string[], stdin?: string): Promise<BillJson> {
  const { code, stdout, stderr } = await energy(args, stdin);
  expect({ code, stderr: stderr.replace(/^Rows of .*\n/, "") }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as BillJson;
}

describe("energy bill", () => {
  test("by options: a contract's versions split the lines, a day of 23 hours has 23", async () => {
    const made = await billOf([
      "--buckets",
      csv,
      "--tariff",
      contract,
      "--timezone",
      "Europe/Berlin",
      "--from",
      "2026-03-28",
      "--to",
      "2026-03-30",
    ]);
    expect(made.lines.map((l) => [l.quantity, l.unitPrice, l.amount, l.validFrom])).toEqual([
      [24, 0.3, 7.2, "2026-01-01"],
      [23, 0.4, 9.2, "2026-03-29"],
    ]);
    expect(made).toMatchObject({
      currency: "EUR",
      total: 16.4,
      exactTotal: "16.4",
      from: "2026-03-27T23:00:00Z",
      to: "2026-03-29T22:00:00Z",
    });
    expect(made.lines[0]!.buckets).toEqual([["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"]]);
  });

  test.each([
    [[csv, flat, "Europe/Berlin", "2026-03-29"]],
    [[flat, csv, "Europe/Berlin", "2026-03-29", "2026-03-30"]],
    [["--buckets", csv, "--tariff", flat, "--timezone", "Europe/Berlin", "--period", "2026-03-29"]],
    [
      [
        "--buckets",
        csv,
        "--tariff",
        flat,
        "--timezone",
        "Europe/Berlin",
        "--from",
        "2026-03-28T23:00:00Z",
        "--to",
        "2026-03-30T00:00:00+02:00",
      ],
    ],
  ])("%j is one day", async (args) => {
    expect((await billOf(args)).total).toBe(6.9);
  });

  test("the columns of an exported series, hours, and stdin", async () => {
    const text =
      "start;end;energyKwh;reverseKwh\n2026-06-01T00:00:00Z;2026-06-01T01:00:00Z;1,5;0\n2026-06-01T01:00:00Z;2026-06-01T02:00:00Z;2,5;0\n";
    const made = await billOf(["-", flat, "UTC"], text);
    expect(made.lines.map((l) => [l.quantity, l.amount])).toEqual([[4, 1.2]]);
  });

  test("wall-clock times: the hour that comes twice is two", async () => {
    const rows = ["00:00", "01:00", "02:00", "02:00", "03:00"].map((clock) => `2026-10-25 ${clock},1`);
    const made = await billOf(["-", flat, "Europe/Berlin"], ["time,kWh", ...rows].join("\n"));
    expect(made.completeness).toMatchObject({ imported: 5, covered: 1 });
  });

  test.each([
    [[csv, "nothing.json", "UTC"], "nothing.json cannot be read"],
    [[csv, flat, "Europe/Nowhere"], '"Europe/Nowhere" is no time zone'],
    [
      [csv, file("wrong.json", { name: "x", currency: "EUR", components: [{ type: "energy", price: "abc" }] }), "UTC"],
      "components.0.price",
    ],
    [
      [
        csv,
        file("unknown.json", {
          name: "x",
          currency: "EUR",
          components: [{ type: "energy", price: "1", colour: "red" }],
        }),
        "UTC",
      ],
      "colour",
    ],
    [[file("bad.csv", "start,importKwh\n2026-01-01T00:00:00Z,x"), flat, "UTC"], 'Row 2, importKwh: "x" is no number.'],
    [[file("odd.csv", "start,importKwh\n2026-01-01T00:07:00Z,1"), flat, "UTC"], "quarter-hour"],
    [[file("none.csv", "start,hello\n2026-01-01T00:00:00Z,1"), flat, "UTC"], 'no column "importKwh"'],
    [[csv, "library:nowhere", "UTC"], "The library has no tariff"],
    [[csv], "Which tariff?"],
  ])("%j is refused with what is wrong", async (args, wrong) => {
    const { code, stdout, stderr } = await energy(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(wrong);
    expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
  });

  test("--schema is the JSON Schema, --library the product's own tariffs", async () => {
    const schema = JSON.parse((await energy(["--schema"])).stdout) as { anyOf: unknown[] };
    expect(schema.anyOf).toHaveLength(2);
    expect((await energy(["--library"])).stdout).toContain("gb-octopus-agile");
    expect(JSON.parse((await energy(["--library", "de-flat"])).stdout)).toMatchObject({ currency: "EUR" });
    expect((await billOf([csv, "library:de-flat", "Europe/Berlin"])).lines.length).toBe(7);
  });
});
