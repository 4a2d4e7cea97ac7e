// Which way imports may point. Every rule says why; each is tried on deliberate offenders by tests/architecture.
const path = require("node:path");

const TEST = "[.]test[.]tsx?$";

/** Packages that only compute: time zones, decimals, schemas, units, Protobuf, XML, signatures. Forecasting joins when it comes. */
const PURE =
  "(^|/)node_modules/(zod|temporal-polyfill|decimal[.]js|convert|protobufjs|fast-xml-parser|standardwebhooks)/";

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "domain-is-pure",
      severity: "error",
      comment: "domain/ computes; it never reads, writes, waits or looks at the clock. Pass the value in.",
      from: { path: "^domain/", pathNot: TEST },
      to: { pathNot: ["^domain/", PURE] },
    },
    {
      name: "db-speaks-only-sql",
      severity: "error",
      comment: "db/ may know domain types and platform plumbing, nothing above it.",
      from: { path: "^db/" },
      to: { path: "^(app|ingest|workers|scripts|tests)/", pathNot: TEST },
    },
    {
      name: "processes-meet-in-the-queue",
      severity: "error",
      comment: "app, ingest and workers talk through the database and its queue, never by import.",
      from: { path: "^(app|ingest|workers)/" },
      to: { path: "^(app|ingest|workers)/", pathNot: "^$1/" },
    },
    {
      name: "nobody-imports-cli",
      severity: "error",
      comment: "cli/ composes the processes; what it composes must not know it.",
      from: { path: "^(app|ingest|workers|db|domain|platform)/" },
      to: { path: "^cli/" },
    },
    {
      name: "platform-is-the-floor",
      severity: "error",
      comment: "platform/ is plumbing for everyone, so it stands on nothing of ours.",
      from: { path: "^platform/", pathNot: TEST },
      to: { path: "^(app|ingest|workers|db|domain|cli|scripts|tests|generated)/" },
    },
    {
      name: "prisma-stays-in-db",
      severity: "error",
      comment: "The generated client is a way to write SQL, and every SQL statement lives in db/.",
      from: { pathNot: ["^db/", "^generated/"] },
      to: { path: ["^generated/", "(^|/)node_modules/@prisma/"] },
    },
    {
      name: "sql-stays-in-db",
      severity: "error",
      comment: "A process that holds a driver writes SQL sooner or later; db/ has a verb for it, or gets one.",
      from: { path: "^(app|ingest|workers)/", pathNot: TEST },
      to: { path: "(^|/)node_modules/(pg|pg-copy-streams|postgres)/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "app-sees-one-tenant",
      severity: "error",
      comment: "asSystem passes every tenant's rows; what a page can reach must be bound to an organization or a user.",
      from: { path: "^app/", pathNot: TEST },
      to: { path: "^db/as-system[.]ts$", reachable: true },
    },
    {
      name: "browser-has-no-server",
      severity: "error",
      comment: ".server guards only work inside app/ (Remix docs), so db/ needs this rule.",
      from: { path: "^app/(components|charts)/", pathNot: TEST },
      to: { path: ["^(db|platform|workers|ingest|cli|generated)/", "[.]server[.]tsx?$"] },
    },
    {
      name: "browser-has-no-node",
      severity: "error",
      comment: "Components and charts run in the browser, where Node's modules do not exist.",
      from: { path: "^app/(components|charts)/", pathNot: TEST },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "product-stands-without-scripts",
      severity: "error",
      comment: "scripts/ is for people who build the product; only cli/ may run one.",
      from: { path: "^(app|ingest|workers|db|domain|platform)/" },
      to: { path: "^scripts/" },
    },
    {
      name: "every-import-resolves",
      severity: "error",
      comment: "An import the checker cannot resolve escapes every rule above.",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-cycles",
      severity: "error",
      comment: "Two files that import each other are one file, or hide a third.",
      from: {},
      to: { circular: true, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-tests-in-product",
      severity: "error",
      comment: "What only tests need must not be shipped.",
      from: { path: "^(app|ingest|workers|db|domain|platform|cli)/", pathNot: TEST },
      to: { path: ["^tests/", TEST] },
    },
  ],
  options: {
    tsConfig: { fileName: path.join(__dirname, "tsconfig.json") },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ["node_modules", "generated"] },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js", ".mjs"],
      conditionNames: ["import", "node", "default"],
      exportsFields: ["exports"],
    },
  },
};
