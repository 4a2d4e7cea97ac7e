#!/usr/bin/env node
// Known faults of the packages that run in production, as the registry tells them. Exit code 1: a severe one; 2: the registry of this
// machine cannot be asked (many mirrors have no such endpoint).
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const severe = ["high", "critical"];
const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
  ...{ cwd: root, encoding: "utf8", timeout: 60_000, maxBuffer: 64_000_000 },
  shell: process.platform === "win32",
});
const report = read(stdout);

if (!report?.vulnerabilities) {
  const why = report?.message ?? report?.error?.summary ?? "no answer";
  process.stderr.write(
    `The audit of dependencies is skipped: the registry of this machine cannot be asked (${why}).\n`,
  );
  process.exitCode = 2;
} else {
  const found = Object.values(report.vulnerabilities).filter(({ severity }) => severe.includes(severity));
  for (const { name, severity, range } of found) console.log(`${severity}: ${name} ${range} (npm audit says more)`);
  console.log(found.length ? `${found.length} packages have severe faults` : "No package has a severe fault.");
  process.exitCode = found.length ? 1 : 0;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
