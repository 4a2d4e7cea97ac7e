import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admittedTo, beginAdmission } from "../../db/admission.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { asUser } from "../../db/as-user.ts";
import { ofOrganization, ofPerson, onTransaction } from "../support/database-functions.ts";
import { ofNoTenant, system } from "../support/database-functions-apart.ts";
import { fingerprint, makeTwoTenants, type TwoTenants } from "../support/two-tenants.ts";

/**
 * Every function of `db/`, asked by another organization for what is not its own: it gets nothing and changes nothing. A new
 * function needs its line in tests/support/database-functions.ts.
 */
let tenants: TwoTenants;
let before: Record<string, string>;
const folder = new URL("../../db/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));

beforeAll(async () => {
  tenants = await makeTwoTenants();
  before = await fingerprint(tenants.db.owner, tenants.theirs.organizationId);
});
afterAll(() => tenants.db.close());

/** The functions that a file gives out, with the names of their parameters. */
function functionsOf(file: string): { name: string; first: string }[] {
  const text = readFileSync(new URL(file, folder), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const isExported = (node: ts.Node) =>
    ts.canHaveModifiers(node) && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const first = ({ parameters: [parameter] }: ts.SignatureDeclarationBase) => parameter?.getText() ?? "";
  return source.statements.filter(isExported).flatMap((statement) => {
    if (ts.isFunctionDeclaration(statement)) return [{ name: statement.name!.text, first: first(statement) }];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
      initializer && ts.isArrowFunction(initializer) ? [{ name: name.getText(), first: first(initializer) }] : [],
    );
  });
}

const all = files.flatMap((file) => functionsOf(file).map((one) => ({ file, ...one })));

test("every function has a line, and none has a line too many", () => {
  const listed = [ofOrganization, onTransaction, ofPerson].flatMap((table) =>
    Object.entries(table).flatMap(([file, functions]) => Object.keys(functions).map((name) => `${file} ${name}`)),
  );
  const others = [ofNoTenant, system].flatMap((table) =>
    Object.entries(table).flatMap(([file, names]) => names.split(" ").map((name) => `${file} ${name}`)),
  );
  expect([...listed, ...others].sort()).toEqual(all.map(({ file, name }) => `${file} ${name}`).sort());
  // Who names the organization first can only be tried as another one.
  const asOrganizations = all.filter(({ first }) => first.startsWith("organizationId"));
  const untried = asOrganizations.filter(({ file, name }) => !ofOrganization[file]?.[name]);
  // Those open the context that the others run in, or are the workers'.
  const isExcused = ({ file, name }: (typeof all)[number]) =>
    `${ofNoTenant[file]} ${system[file]}`.split(" ").includes(name);
  expect(untried.filter((one) => !isExcused(one))).toEqual([]);
});

type Called = (...given: unknown[]) => unknown;
const moduleOf = (file: string) => import(/* @vite-ignore */ `../../db/${file}`) as Promise<Record<string, Called>>;

const isStream = (given: unknown): given is AsyncIterable<unknown> =>
  typeof given === "object" && given !== null && Symbol.asyncIterator in given;

async function allOf(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

/** What came of it, as text. A refusal is an answer, too. */
async function answerOf(run: () => unknown): Promise<string> {
  try {
    const given = await run();
    const found = isStream(given) ? await allOf(given) : given;
    const plain = found instanceof Map ? [...(found as Map<unknown, unknown>)] : found;
    return JSON.stringify(plain) ?? "";
  } catch (error) {
    const { message } = error as Error;
    // Of the caller's own making: an entry that does not fit its function would show nothing.
    if (error instanceof TypeError) throw error;
    return message;
  }
}

async function expectNothing(what: string, run: () => unknown, sent: unknown): Promise<void> {
  const text = await answerOf(run);
  const told = tenants.markers.filter(
    (marker) => text.includes(marker) && !(JSON.stringify(sent) ?? "").includes(marker),
  );
  expect({ what, told }).toEqual({ what, told: [] });
}

const lines = <T>(table: Record<string, Record<string, T>>) =>
  Object.entries(table).flatMap(([file, functions]) =>
    Object.entries(functions).map(([name, args]) => [`${file} ${name}`, file, name, args] as const),
  );

describe("asked as another organization", () => {
  test.each(lines(ofOrganization))("%s", async (what, file, name, args) => {
    const { own, ids } = tenants;
    const { [name]: asked } = await moduleOf(file);
    const given = args(ids);
    await expectNothing(
      what,
      () => admittedTo(own.organizationId, null, () => asked!(own.organizationId, ...given)),
      given,
    );
  });

  test.each(lines(onTransaction))("%s", async (what, file, name, args) => {
    const { own, ids } = tenants;
    const { [name]: asked } = await moduleOf(file);
    const run = () => asOrganization(own.organizationId, async (sql) => asked!(...args(sql, ids)));
    await expectNothing(what, () => admittedTo(own.organizationId, null, run), ids);
  });
});

describe("asked as the organization itself, to show that these questions have an answer", () => {
  const answered = lines(ofOrganization).filter(
    ([, file, name]) => /^(get|list)|Page$/.test(name) && file !== "raw-retention.ts",
  );
  test.each(answered)("%s", async (_what, file, name, args) => {
    const { theirs, ids } = tenants;
    const { [name]: asked } = await moduleOf(file);
    const text = await answerOf(() =>
      admittedTo(theirs.organizationId, null, () => asked!(theirs.organizationId, ...args(ids))),
    );
    expect(tenants.markers.filter((marker) => text.includes(marker))).not.toEqual([]);
  });
});

describe("asked in the first one's name by who was not admitted to it", () => {
  test.each(lines(ofOrganization))("%s", async (_what, file, name, args) => {
    const { theirs, ids } = tenants;
    const { [name]: asked } = await moduleOf(file);
    const text = await answerOf(() =>
      beginAdmission(async () => {
        const given = asked!(theirs.organizationId, ...args(ids));
        return isStream(given) ? allOf(given) : given;
      }),
    );
    expect(text).toMatch(/not admitted|^null$|^false$|^0$|^\[\]$|^"not-found"$|^"no-\w+"$/);
  });
});

describe("asked as a person of another organization", () => {
  test.each(lines(ofPerson))("%s", async (what, file, name, args) => {
    const { own, ids, theirs } = tenants;
    const { [name]: asked } = await moduleOf(file);
    const run = () =>
      asUser(own.userId, async (sql) => asked!(...args({ sql, userId: own.userId, ids, theirUserId: theirs.userId })));
    await expectNothing(what, run, ids);
  });
});

test("nothing of the first organization is another than before", async () => {
  const after = await fingerprint(tenants.db.owner, tenants.theirs.organizationId);
  expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual([]);
});
