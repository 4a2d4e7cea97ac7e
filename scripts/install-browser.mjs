#!/usr/bin/env node
// Finds the Chromium that the browser tests drive, or installs one: Debian's own by apt-get (as root or with sudo),
// elsewhere the one that Playwright brings. Prints its path; prints nothing when Playwright knows where its own is.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const DEBIAN_CHROMIUM = "/usr/bin/chromium";

/** `{path}` of the browser (undefined: Playwright's own), or `{missing}` with the reason why there is none. */
export async function findOrInstallBrowser() {
  const path = process.env.PLAYWRIGHT_CHROMIUM || DEBIAN_CHROMIUM;
  if (existsSync(path)) return { path };
  if (process.env.PLAYWRIGHT_CHROMIUM) return { missing: `PLAYWRIGHT_CHROMIUM=${path} is not there` };
  return isDebian() ? installDebianChromium() : installPlaywrightChromium();
}

/** Debian itself: on Ubuntu the package only points to a snap, which does not run in containers. */
export function isDebian() {
  return existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
}

function installDebianChromium() {
  const apt = asRoot();
  if (!apt) return { missing: "installing Chromium by apt-get needs root or sudo" };
  process.stderr.write("installing Chromium …\n");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (...args) =>
    spawnSync(apt[0], [...apt.slice(1), ...args], { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  run("update", "-qq");
  const installed = run("install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation");
  return installed && existsSync(DEBIAN_CHROMIUM)
    ? { path: DEBIAN_CHROMIUM }
    : { missing: "apt-get could not install Chromium" };
}

/** How apt-get is called here; undefined: it may not be. */
export function asRoot() {
  if (process.getuid?.() === 0) return ["apt-get"];
  return spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n", "apt-get"] : undefined;
}

async function installPlaywrightChromium() {
  const { chromium } = await import("@playwright/test");
  if (existsSync(chromium.executablePath())) return {};
  process.stderr.write("installing Chromium …\n");
  const cli = fileURLToPath(new URL("../node_modules/@playwright/test/cli.js", import.meta.url));
  const { status } = spawnSync(process.execPath, [cli, "install", "chromium"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return status === 0 ? {} : { missing: "Playwright could not install Chromium" };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { path, missing } = await findOrInstallBrowser();
  if (path) process.stdout.write(`${path}\n`);
  if (missing) process.stderr.write(`${missing}\n`);
  process.exitCode = missing ? 1 : 0;
}
