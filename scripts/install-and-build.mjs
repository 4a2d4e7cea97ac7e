#!/usr/bin/env node
// Brings this folder to where the program can start: packages installed, database client made, web app built. Does only
// what is stale, so that running it again takes a moment. Uses nothing but Node and npm: it runs before anything is there.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (path) => join(root, path);

const steps = [
  {
    says: "installing packages",
    isDone: packagesAreInstalled,
    run: () => npm(["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]),
  },
  {
    says: "making the database client",
    isDone: () => isMade("client", "generated/prisma/client.ts", ["prisma/schema.prisma", ...configuration()]),
    run: () => npm(["run", "-s", "generate"]),
    makes: "client",
  },
  {
    says: "building the web app",
    isDone: () =>
      isMade("app", "build/server/index.js", ["app", "domain", "db", "platform", "public", ...configuration()]),
    run: () => npm(["run", "-s", "build:app"]),
    makes: "app",
  },
];

/** Installs and builds what is stale; says each step that it takes. @throws Error with the end of the failed step's output. */
export async function installAndBuild() {
  refuseOldNode();
  for (const [index, step] of steps.entries()) {
    if (step.isDone()) continue;
    const started = Date.now();
    process.stderr.write(`${step.says} … (${index + 1}/${steps.length})\n`);
    await step.run();
    // The time the step began, so that what changes while it runs is made again the next time.
    if (step.makes) writeStamp(step.makes, started);
  }
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 10)) return;
  throw new Error(`Node ${process.versions.node} is too old: install Node 20.10 or later (https://nodejs.org).`);
}

/** Compares the lock file with npm's own record of what it installed; what is optional may be absent on this platform. */
function packagesAreInstalled() {
  if (!existsSync(at("node_modules/.package-lock.json"))) return false;
  const wanted = JSON.parse(readFileSync(at("package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(at("node_modules/.package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
    const found = installed[path];
    if (path === "" || (!found && (optional || devOptional || peer))) return true;
    return found?.version === version;
  });
}

function configuration() {
  return ["package-lock.json", ...readdirSync(root).filter((name) => /[.]config[.](ts|js)$/.test(name))];
}

/** Whether the output is there and was made after the last change of its sources. */
function isMade(name, output, sources) {
  const stamp = at(`.cache/made-${name}`);
  if (!existsSync(at(output)) || !existsSync(stamp)) return false;
  const made = Number(readFileSync(stamp, "utf8"));
  return sources.every((source) => !existsSync(at(source)) || latestChange(at(source)) <= made);
}

/** Folders count too: a deleted file leaves its mark only there. */
function latestChange(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => latestChange(join(path, name))));
}

function writeStamp(name, time) {
  mkdirSync(at(".cache"), { recursive: true });
  writeFileSync(at(`.cache/made-${name}`), String(time));
}

/** Runs npm quietly; what it said is shown only when it fails. */
function npm(args) {
  return new Promise((resolve, reject) => {
    const said = [];
    const child = spawn("npm", args, {
      cwd: root,
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (chunk) => said.push(chunk));
    child.stderr.on("data", (chunk) => said.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve();
      const output = Buffer.concat(said).toString().trimEnd().split("\n").slice(-60).join("\n");
      reject(new Error(`${output}\n\n"npm ${args.join(" ")}" failed (exit code ${code}); its last lines are above.`));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installAndBuild().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
