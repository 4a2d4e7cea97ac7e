import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { subcommands } from "./main.ts";
import { nearestName } from "./nearest-name.ts";

/** Runs the real program from a folder that is not the project's. */
function energy(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const program = join(import.meta.dirname, "energy.mjs");
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: tmpdir() }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

test("--help lists every command with its summary, on stdout", async () => {
  const { code, stdout, stderr } = await energy("--help");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const name of Object.keys(subcommands)) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, "m"));
});

test("a mistyped command names the nearest one and is wrong usage", async () => {
  expect(await energy("strat")).toEqual({
    code: 2,
    stdout: "",
    stderr: 'There is no command "strat". Did you mean "energy start"?\n',
  });
});

test("without a command the help goes to stderr and is wrong usage", async () => {
  const { code, stdout, stderr } = await energy();
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("Commands:");
});

test("an unknown option is wrong usage", async () => {
  const { code, stderr } = await energy("--bogus");
  expect(code).toBe(2);
  expect(stderr).toContain("--bogus");
});

test.each([
  ["strat", "start"],
  ["wroker", "worker"],
  ["bnch", "bench"],
  ["migrat", "migrate"],
  ["zzz", undefined],
  ["x", undefined],
])("the nearest name to %s is %s", (word, name) => {
  expect(nearestName(word, Object.keys(subcommands))).toBe(name);
});
