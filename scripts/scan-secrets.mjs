#!/usr/bin/env node
// Looks for keys, tokens and passwords of known services in the files that git tracks. Exit code 1 when it finds one.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "node_modules/secretlint/bin/secretlint.js");
const notText = /\.(png|ico|jpe?g|woff2?|gz|zip|bin|pdf)$/;

const listed = spawnSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
const skip = (why) => process.stderr.write(`The scan for secrets is skipped: ${why}.\n`);

if (!existsSync(program)) skip("secretlint is not installed");
else if (listed.status !== 0) skip("this is no git repository");
else {
  const files = listed.stdout.split("\0").filter((file) => file && !notText.test(file) && existsSync(join(root, file)));
  // As patterns they would be read anew: brackets and dollars are in the names of routes.
  const { status } = spawnSync(process.execPath, [program, "--maskSecrets", "--no-glob", ...files], {
    cwd: root,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}
