// Installs Debian's Mosquitto for the tests of external brokers, where apt-get may be used; elsewhere those tests skip themselves
// and say why.
import { spawnSync } from "node:child_process";
import { asRoot, isDebian } from "./install-browser.mjs";

/** What is missing, as a sentence; undefined: it is there. */
export function findOrInstallMosquitto() {
  const isThere = () =>
    !spawnSync("mosquitto", ["-h"], { stdio: "ignore" }).error &&
    !spawnSync("mosquitto_pub", ["--version"], { stdio: "ignore" }).error;
  if (isThere()) return undefined;
  const apt = isDebian() ? asRoot() : undefined;
  if (!apt) return "Mosquitto is not installed: the tests with it are skipped";
  process.stderr.write("installing Mosquitto …\n");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Not as a service: the tests start their own.
  const packages = ["mosquitto", "mosquitto-clients"];
  for (const args of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", ...packages],
  ])
    spawnSync(apt[0], [...apt.slice(1), ...args], { env, stdio: ["ignore", "ignore", "inherit"] });
  return isThere() ? undefined : "apt-get could not install Mosquitto: the tests with it are skipped";
}
