import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ESLint } from "eslint";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const product = ["app", "cli", "ingest", "workers", "db", "domain", "platform"];
const SLOW = 120_000;

const read = (path: string) => readFileSync(join(root, path), "utf8");
const named = (folder: string) => readdirSync(join(root, folder)).filter((name) => !name.includes(".test."));

/** Every file below the folders, as paths from the root, without what is installed or made. */
function filesBelow(folders: string[]): string[] {
  return folders.flatMap((folder) =>
    !existsSync(join(root, folder))
      ? []
      : readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1)),
  );
}

function cruise(cwd: string, folders: string[]) {
  const bin = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [bin, ...folders, "-c", join(root, ".dependency-cruiser.cjs"), "-T", "json"];
  const out = spawnSync(process.execPath, args, { cwd, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (!out.stdout) throw new Error(out.stderr);
  const found = JSON.parse(out.stdout).summary.violations as { rule: { name: string }; from: string; to: string }[];
  return found.sort((a, b) => (a.rule.name + a.from < b.rule.name + b.from ? -1 : 1));
}

test("imports only point the allowed way", { timeout: SLOW }, () => {
  expect(cruise(root, product).map((v) => `${v.rule.name}: ${v.from} -> ${v.to}`)).toEqual([]);
});

test("the import rules bite", { timeout: SLOW }, () => {
  const folders = [...product, "generated"];
  const found = cruise(join(root, "tests/architecture/offenders"), folders).map((v) => `${v.rule.name}: ${v.from}`);
  expect(found).toEqual([
    "app-sees-one-tenant: app/sees-everyone.ts",
    "browser-has-no-node: app/components/hashes.ts",
    "browser-has-no-server: app/components/queries.ts",
    "db-speaks-only-sql: db/renders.ts",
    "domain-is-pure: domain/reads-db.ts",
    "domain-is-pure: domain/reads-disk.ts",
    "domain-is-pure: domain/reads-type.ts",
    "every-import-resolves: ingest/imports-nothing.ts",
    "no-cycles: domain/chicken.ts",
    "no-tests-in-product: workers/waits-for-tests.ts",
    "nobody-imports-cli: workers/starts-cli.ts",
    "platform-is-the-floor: platform/logs-to-db.ts",
    "prisma-stays-in-db: app/reads-prisma.ts",
    "processes-meet-in-the-queue: ingest/runs-task.ts",
    "product-stands-without-scripts: workers/runs-script.ts",
    "sql-stays-in-db: ingest/writes-sql.ts",
  ]);
});

const eslint = new ESLint({ cwd: root });

test.each([
  ["the clock in domain/", "domain/reading.ts", "export const x = Date.now();", "no-restricted-syntax"],
  ["the clock in domain/, as a new Date", "domain/reading.ts", "export const x = new Date();", "no-restricted-syntax"],
  ["chance in domain/", "domain/reading.ts", "export const x = Math.random();", "no-restricted-syntax"],
  ["the process in domain/", "domain/reading.ts", "export const x = process.pid;", "no-restricted-globals"],
  ["the machine's zone", "domain/reading.ts", "export const x = (d: Date) => d.getHours();", "no-restricted-syntax"],
  [
    "the machine's zone in words",
    "cli/main.ts",
    "export const x = new Date(0).toDateString();",
    "no-restricted-syntax",
  ],
  ["a variable read elsewhere", "cli/main.ts", "export const x = process.env.PORT;", "no-restricted-syntax"],
  ["a promise nobody awaits", "cli/main.ts", "Promise.resolve(1);", "@typescript-eslint/no-floating-promises"],
  ["any", "cli/main.ts", "export const x = (y: any) => y;", "@typescript-eslint/no-explicit-any"],
  ["a long file, tests included", "cli/main.test.ts", "\n".repeat(401), "max-lines"],
])("the lint rules bite on %s", { timeout: SLOW }, async (_what, filePath, code, rule) => {
  const [result] = await eslint.lintText(code, { filePath: join(root, filePath) });
  expect(result!.messages.map((message) => message.ruleId)).toContain(rule);
});

test("no dumping grounds", () => {
  const files = filesBelow([...product, "scripts", "tests"]);
  expect(files.filter((path) => /(^|\/)(utils?|helpers?|common|shared|misc|lib)([./]|$)/.test(path))).toEqual([]);
});

test("no file is longer than 400 lines", () => {
  const folders = [...product, "scripts", "tests", ".ci", ".github"];
  const rootFiles = readdirSync(root).filter((name) => !name.startsWith("package"));
  const sources = [...filesBelow(folders), ...rootFiles].filter((p) => /[.](ts|tsx|m?js|cjs|sh|css|ya?ml)$/.test(p));
  const long = sources.filter((path) => !path.includes("/fixtures/") && read(path).split("\n").length > 401);
  expect(long).toEqual([]);
});

test("every job has one task file, every task file one job", async () => {
  const { jobs } = (await import("../../db/jobs.ts")) as { jobs: Record<string, unknown> };
  const files = named("workers/tasks").map((name) => name.replace(/[.]ts$/, ""));
  expect(files.sort()).toEqual(Object.keys(jobs).sort());
});

test("platform/ is a closed list", () => {
  expect(named("platform").sort()).toEqual(["README.md", "env.ts", "log.ts", "metrics.ts", "outgoing", "shutdown.ts"]);
});

test("every folder of the product says in at most 20 lines what belongs there", () => {
  for (const folder of [...product, "tests"]) {
    const lines = read(`${folder}/README.md`).trimEnd().split("\n");
    expect(lines.length, `${folder}/README.md`).toBeLessThanOrEqual(20);
  }
});

test("the map in ARCHITECTURE.md names files and folders that exist", () => {
  const top = readdirSync(root).filter((name) => name !== "node_modules");
  const quoted = [...read("docs/ARCHITECTURE.md").matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
  const paths = quoted.filter(
    (text) =>
      !/[\s*<>(),=]/.test(text) &&
      (/^(app|cli|db|domain|ingest|platform|workers|prisma|public|tests|scripts|docs|infrastructure|k8s|[.]ci|[.]github)\//.test(
        text,
      ) ||
        /^[\w.-]+[.](ts|js|cjs|mjs|toml|yml|json|ps1|md|example)$/.test(text) ||
        top.includes(text)),
  );
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test(".env.example lists exactly the variables of platform/env.ts, with their defaults", async () => {
  const { environment } = await import("../../platform/env.ts");
  const defaults = environment.parse({}) as Record<string, unknown>;
  const expected = Object.keys(environment.shape).map((name) => `${name}=${String(defaults[name] ?? "")}`);
  const listed = read(".env.example")
    .split("\n")
    .filter((line) => /^[A-Z][A-Z0-9_]*=/.test(line));
  expect(listed.sort()).toEqual(expected.sort());
});

test("versions are exact, and neither lock file nor .npmrc ties the project to a registry", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d/.test(version));
  expect(loose).toEqual([]);
  expect(read("package-lock.json")).not.toMatch(/"resolved": "https?:/);
  if (existsSync(join(root, ".npmrc"))) expect(read(".npmrc")).not.toMatch(/registry\s*=|^\/\//m);
});
