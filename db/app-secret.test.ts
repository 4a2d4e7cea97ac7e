import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appSecret } from "./app-secret.ts";
import { SetupError } from "../platform/env.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "app-secret-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("APP_SECRET is taken as it is, and nothing is written", () => {
  expect(appSecret({ APP_SECRET: "s".repeat(32), DATA_DIR: folder })).toBe("s".repeat(32));
  expect(readdirSync(folder)).toEqual([]);
});

test("without one, it is made once and kept for its owner alone", () => {
  const DATA_DIR = join(folder, "not", "there", "yet");
  const made = appSecret({ DATA_DIR });
  expect(made).toMatch(/^[0-9a-f]{64}$/);
  expect(appSecret({ DATA_DIR })).toBe(made);
  expect(readdirSync(DATA_DIR)).toEqual(["app-secret"]);
  if (process.platform !== "win32") expect(statSync(join(DATA_DIR, "app-secret")).mode & 0o777).toBe(0o600);
});

test("a file that was cut short stops the start by name", () => {
  writeFileSync(join(folder, "app-secret"), "short");
  expect(() => appSecret({ DATA_DIR: folder })).toThrow(SetupError);
  expect(() => appSecret({ DATA_DIR: folder })).toThrow(/app-secret must hold at least 32 characters/);
});

test("a DATA_DIR that is a file is said so", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => appSecret({ DATA_DIR: join(folder, "file") })).toThrow(
    /APP_SECRET is not set, and .*file.* cannot be used/,
  );
});
