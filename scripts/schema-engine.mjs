#!/usr/bin/env node
// Prisma's schema engine without its download. The CLI talks to a native program over stdin and stdout; the same engine
// comes with npm as WebAssembly, without a way to reach a database. This script is the native program to the CLI, and gives
// the WebAssembly engine the `pg` driver. prisma.config.ts points the CLI here.
//
// Development only: `energy migrate` applies migrations without Prisma's CLI. The wire format is private to Prisma, so the
// versions of prisma, @prisma/adapter-pg and @prisma/schema-engine-wasm are pinned together; tests/integration/prisma.test.ts
// says whether they still fit.
//
// SCHEMA_ENGINE_LOG=file writes down what passes through.
import { appendFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import path from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";

const require = createRequire(import.meta.url);
const logFile = process.env["SCHEMA_ENGINE_LOG"];
const note = (...words) => logFile && appendFileSync(logFile, `${words.join(" ")}\n`);

const { datasource, datamodels, subcommand } = readArguments(process.argv.slice(2));

// --- What the CLI asks for on the command line

/** `--datasource JSON --datamodels FILE … [cli can-connect-to-database|create-database|drop-database]` */
function readArguments(words) {
  const found = { datasource: {}, datamodels: [], subcommand: undefined };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === "--datasource") found.datasource = JSON.parse(words[++i]);
    else if (word === "--datamodels") found.datamodels.push(words[++i]);
    else if (word === "cli") found.subcommand = words[++i];
    else if (word.startsWith("--")) i++;
  }
  return found;
}

async function runSubcommand(name) {
  const database = databaseName();
  const actions = {
    "can-connect-to-database": () => execute("select 1"),
    "create-database": () => execute(`create database ${pg.escapeIdentifier(database)}`, "postgres"),
    "drop-database": () => execute(`drop database if exists ${pg.escapeIdentifier(database)} with (force)`, "postgres"),
  };
  try {
    if (!actions[name]) throw new Error(`unknown subcommand: ${name}`);
    await actions[name]();
  } catch (error) {
    const missing = error.code === "3D000";
    const refused = error.code === "28P01" || error.code === "28000";
    const message = missing ? `Database \`${database}\` does not exist` : textOf(error);
    fail(missing ? "P1003" : refused ? "P1000" : "P1001", message);
  }
}

/** The CLI reads errors of a subcommand from stderr, in the native engine's log format. */
function fail(code, message) {
  const fields = { message, error_code: code, is_panic: false };
  process.stderr.write(`\n${JSON.stringify({ level: "ERROR", target: "schema_engine::logger", fields })}\n`);
  process.exitCode = 1;
}

// --- The database

function databaseName() {
  return decodeURIComponent(new URL(datasource.url).pathname.slice(1));
}

function connectionTo(database = databaseName()) {
  // In the address, because the driver lets an address override what is given beside it: a shadow database given there
  // would be the real one.
  const url = new URL(datasource.url);
  url.pathname = `/${encodeURIComponent(database)}`;
  url.searchParams.delete("schema");
  return { connectionString: url.href, max: 1, options: "-c timezone=UTC -c search_path=public" };
}

async function execute(sql, database) {
  const client = new pg.Client(connectionTo(database));
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Types of the system catalogues that the adapter does not know, each with one that it reads in the same way. */
const catalogTypes = new Map([
  [18, { readAs: 25, type: ColumnTypeEnum.Character }], // "char"
  [19, { readAs: 25, type: ColumnTypeEnum.Text }], // name
  [1002, { readAs: 1009, type: ColumnTypeEnum.CharacterArray }],
  [1003, { readAs: 1009, type: ColumnTypeEnum.TextArray }],
]);

const connections = new Set();

/** A connection as the engine wants it. `afterClose` runs once, when it is disposed of. */
async function open(database, afterClose) {
  const pool = new pg.Pool(connectionTo(database));
  const adapter = await new PrismaPg(pool).connect();
  const performIO = adapter.performIO.bind(adapter);
  const queryRaw = Object.getPrototypeOf(adapter).queryRaw;

  adapter.queryRaw = async (query) => {
    const { fields, rows } = await performIO(query);
    const known = fields.map((field) => {
      return { ...field, dataTypeID: catalogTypes.get(field.dataTypeID)?.readAs ?? field.dataTypeID };
    });
    const result = await queryRaw.call({ performIO: async () => ({ fields: known, rows }) }, query);
    for (const [index, field] of fields.entries()) {
      const type = catalogTypes.get(field.dataTypeID)?.type;
      if (type !== undefined) result.columnTypes[index] = type;
    }
    return result;
  };

  // The adapter cuts scripts at every semicolon, also inside functions and strings; the server knows better.
  adapter.executeScript = async (sql) => {
    try {
      await pool.query(sql);
    } catch (error) {
      adapter.onError(error);
    }
  };

  let closing;
  adapter.dispose = () => {
    connections.delete(adapter);
    closing ??= pool.end().then(() => afterClose?.());
    return closing;
  };
  connections.add(adapter);
  return adapter;
}

const shadows = new Set();

/** An empty database in which the engine replays the migrations, to see what they make. */
async function openShadow() {
  const name = `prisma_migrate_shadow_db_${randomUUID()}`;
  await execute(`create database ${pg.escapeIdentifier(name)}`);
  const shadow = await open(name, () => execute(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`));
  shadows.add(shadow);
  return shadow;
}

async function close(adapters) {
  const all = [...adapters];
  for (const adapter of all) {
    shadows.delete(adapter);
    await adapter.dispose().catch((error) => note("could not close:", textOf(error)));
  }
}

// --- The engine

/** Its own entry imports the .wasm file as a module, which Node cannot; so the two halves are put together here. */
async function loadEngine() {
  const gluePath = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  checkVersion(path.dirname(gluePath));
  const glue = await import(pathToFileURL(gluePath).href);
  const wasm = readFileSync(gluePath.replace(/[.]js$/, ".wasm"));
  const { instance } = await WebAssembly.instantiate(wasm, { "./schema_engine_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

/** An engine of another commit than the CLI's might understand a request wrongly, and this one writes to databases. */
function checkVersion(folder) {
  const { version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const { enginesVersion } = require("@prisma/engines-version/package.json").prisma;
  if (version.endsWith(enginesVersion)) return;
  throw new Error(
    `@prisma/schema-engine-wasm is ${version}, and this Prisma needs the one that ends in ${enginesVersion}.`,
  );
}

function makeEngine(SchemaEngine) {
  const factory = {
    provider: "postgres",
    adapterName: "schema-engine",
    connect: () => open(),
    connectToShadowDb: openShadow,
  };
  const schemas = datamodels.map((file) => [file, readFileSync(file, "utf8")]);
  const options = { datamodels: schemas.length > 0 ? schemas : undefined };
  return SchemaEngine.new(options, (line) => note("engine:", line), bindMigrationAwareSqlAdapterFactory(factory));
}

/** The engine, and the answers to each method: most are the engine's own, some need a hand. */
async function openSession() {
  const SchemaEngine = await loadEngine();
  let engine = await makeEngine(SchemaEngine);

  const answers = {
    getDatabaseVersion: (params) => engine.version(params),

    // These two cannot open a shadow database themselves ("must be provided through an external factory"), and find the
    // one of devDiagnostic, which can.
    async evaluateDataLoss(params) {
      await diagnose(params);
      return engine.evaluateDataLoss(params);
    },
    async createMigration(params) {
      await diagnose(params);
      return engine.createMigration(params);
    },

    // The engine would empty one schema only, and the replay would trip over what is left in the others.
    async reset() {
      await close(connections);
      const database = pg.escapeIdentifier(databaseName());
      await execute(`drop database if exists ${database} with (force)`, "postgres");
      await execute(`create database ${database}`, "postgres");
      engine = await makeEngine(SchemaEngine);
    },

    // The native engine prints the difference while it works; this one hands it over at the end.
    async diff(params) {
      const { exitCode = 0, stdout } = (await engine.diff(params)) ?? {};
      if (stdout) await print(stdout);
      return { exitCode, stdout: null };
    },
  };

  function diagnose({ migrationsList, filters }) {
    return engine.devDiagnostic({ migrationsList, filters });
  }

  return (method, params) => {
    if (answers[method]) return answers[method](params);
    if (typeof engine[method] === "function") return engine[method](params);
    throw new Error(`unknown method: ${method}`);
  };
}

// --- JSON-RPC, a message a line

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

const printing = new Map();

/** Asks the CLI to print; resolves when it has. */
function print(content) {
  const id = `print-${randomUUID()}`;
  send({ id, method: "print", params: { content } });
  return new Promise((resolve) => printing.set(id, resolve));
}

async function serve() {
  let session;
  // One after the other: the engine has one connection. Reading goes on meanwhile, for the answers to `print`.
  let queue = Promise.resolve();
  process.once("SIGTERM", () => void close(connections).then(() => process.exit(0)));

  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line);
    if (method === undefined) {
      printing.get(id)?.();
      printing.delete(id);
      continue;
    }
    queue = queue.then(async () => {
      session ??= openSession();
      await answer(await settled(session), { id, method, params });
    });
  }
  await queue;
  await close(connections);
}

/** A session that failed to open fails each request with its reason, instead of ending the process without a word. */
async function settled(session) {
  try {
    return await session;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

async function answer(session, { id, method, params }) {
  note("request:", method);
  try {
    const result = await session(method, params);
    // The engine forgets its shadow databases; the next request gets a new one.
    await close(shadows);
    send({ id, result: result ?? {} });
  } catch (error) {
    note("failed:", method, textOf(error), error?.stack);
    await close(shadows);
    const data = { is_panic: false, message: textOf(error), error_code: error?.code ?? null, meta: null };
    send({ id, error: { code: 4466, message: "An error happened. Check the data field for details.", data } });
  }
}

/** A refused connection to several addresses comes as one error without a text of its own. */
function textOf(error) {
  return error?.errors?.[0]?.message ?? error?.message ?? String(error);
}

if (subcommand) await runSubcommand(subcommand);
else await serve();
