#!/usr/bin/env node
// Every check and every test, one suite after another; installs what they need first. The last line sums them up:
// "120 passed, 0 failed, 3 skipped". Exit code 1 when anything failed, a suite that crashed or ran no test included.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { installAndBuild } from "./install-and-build.mjs";
import { findOrInstallBrowser } from "./install-browser.mjs";
import { findOrInstallMosquitto } from "./install-mosquitto.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const SUITE_TIMEOUT_MS = 15 * 60_000;
const total = { passed: 0, failed: 0, skipped: 0 };
const troubles = [];
const results = mkdtempSync(join(tmpdir(), "energy-tests-"));

try {
  await installAndBuild();
  const without = findOrInstallMosquitto();
  if (without) process.stderr.write(`${without}\n`);
  // One core each.
  await Promise.all([check("lint", ["run", "-s", "lint"]), check("types", ["run", "-s", "typecheck"])]);
  await auditDependencies();
  await vitest("unit and architecture", "unit");
  await vitest("integration on the embedded Postgres", "integration");
  // Where it cannot be had, the tests skip themselves and say why.
  await vitest("integration on TimescaleDB", "integration on TimescaleDB", {
    ENERGY_TEST_ENGINE: "timescaledb",
    TS_PORT: String(await freePort()),
  });
  await browserTests();
} catch (error) {
  fail("make test", error.message);
} finally {
  rmSync(results, { recursive: true, force: true });
}

for (const trouble of troubles) console.log(trouble);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Something that passes or fails as a whole: counted as one. */
async function check(name, args) {
  heading(name);
  const code = await run("npm", args);
  if (code === 0) total.passed++;
  else fail(name, `"npm ${args.join(" ")}" ended with exit code ${code}`);
}

/** Where the registry of this machine does not tell of known faults, it counts as skipped. */
async function auditDependencies() {
  heading("known faults of dependencies");
  const code = await run("node", ["scripts/audit-dependencies.mjs"]);
  if (code === 0) total.passed++;
  else if (code === 2) total.skipped++;
  else fail("dependencies", "a package has a severe fault: see above");
}

async function vitest(name, project, env = {}) {
  heading(name);
  const file = join(results, `${name.replaceAll(" ", "-")}.json`);
  const program = join(root, "node_modules/vitest/vitest.mjs");
  const args = [
    program,
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ];
  const code = await run(process.execPath, args, env);
  addResults(name, code, file, (report) => {
    const crashed = report.testResults.filter(
      ({ status, assertionResults }) => status === "failed" && !assertionResults.length,
    );
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + crashed.length,
      skipped: report.numPendingTests + report.numTodoTests,
      failures: report.testResults.flatMap((result) => failuresOf(relative(root, result.name), result)),
    };
  });
}

/** A test file's failures, each by its name and what was thrown; of a file that ran none of its tests, what it says itself. */
function failuresOf(file, { status, message, assertionResults }) {
  if (status === "failed" && !assertionResults.length) return [`${file}: ${message}`];
  return assertionResults
    .filter((test) => test.status === "failed")
    .map((test) => `${file} > ${test.fullName}: ${test.failureMessages.join("\n")}`);
}

async function browserTests() {
  const name = "end to end in Chromium";
  const { path, missing } = await findOrInstallBrowser();
  const env = path ? { PLAYWRIGHT_CHROMIUM: path } : {};
  const file = join(results, "e2e.json");
  const program = join(root, "node_modules/@playwright/test/cli.js");
  heading(name);
  if (missing) {
    total.skipped++;
    troubles.push(`SKIPPED ${name}: ${missing}`);
    return;
  }
  const code = await run(process.execPath, [program, "test", "--reporter=list,json"], {
    ...env,
    PLAYWRIGHT_JSON_OUTPUT_FILE: file,
  });
  addResults(name, code, file, ({ stats, suites, errors }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
    failures: [...suites.flatMap(failuresOfSuite), ...errors.map(({ message }) => message)],
  }));
}

/** The failures of a suite of Playwright and of those in it. */
function failuresOfSuite({ file, specs, suites = [] }) {
  const here = specs
    .filter(({ ok }) => !ok)
    .map(({ title, tests }) => {
      const errors = tests.flatMap(({ results }) => results.flatMap((result) => result.errors));
      return `tests/e2e/${file} > ${title}: ${errors.map(({ message }) => message).join("\n")}`;
    });
  return [...here, ...suites.flatMap(failuresOfSuite)];
}

/** Adds a suite's figures; a suite that left no report, ran nothing, or failed outside its tests counts as one failure. */
function addResults(name, code, file, figuresOf) {
  if (!existsSync(file)) {
    return fail(name, `crashed with exit code ${code} and left no results`);
  }
  const { passed, failed, skipped, failures } = figuresOf(JSON.parse(readFileSync(file, "utf8")));
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  // Named again at the very end, which is all that some pipelines keep.
  for (const failure of failures) troubles.push(`FAILED ${shortened(failure)}`);
  if (failed > 0) troubles.push(`FAILED ${name}: ${failed} failed`);
  else if (passed + skipped === 0) fail(name, "ran no test");
  else if (code !== 0) fail(name, `ended with exit code ${code} although its tests passed`);
  else if (passed === 0) troubles.push(`SKIPPED ${name}: all of its tests, for the reason above`);
}

/** Without colours and other people's code, and no longer than a screen shows. */
function shortened(text) {
  const lines = stripVTControlCharacters(text).split("\n");
  return lines
    .filter((line) => !line.includes("/node_modules/"))
    .slice(0, 12)
    .map((line) => line.slice(0, 240))
    .join("\n    ");
}

function fail(name, why) {
  total.failed++;
  troubles.push(`FAILED ${name}: ${why}`);
}

function heading(name) {
  console.log(`\n── ${name} ──`);
}

/** Runs a program with its output shown; answers its exit code. One that hangs is ended, and counts as failed. */
function run(program, args, env = {}) {
  return new Promise((resolve) => {
    const shell = process.platform === "win32" && program === "npm";
    const child = spawn(program, args, {
      cwd: root,
      shell,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...env },
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), SUITE_TIMEOUT_MS);
    const end = (code) => {
      clearTimeout(timer);
      resolve(code);
    };
    child.on("error", (error) => end(error.message));
    child.on("close", (code, signal) => end(code ?? signal));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
