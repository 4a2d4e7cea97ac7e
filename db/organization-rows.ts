import pg from "pg";
import { readFormula } from "../domain/site/formula.ts";
import type { Sql } from "./client.ts";
import type { OrganizationTable } from "./organization-tables.ts";

/**
 * Rows of an import on their way from `staged` into their tables: with new ids, and references that follow them, as the database's
 * own foreign keys say.
 */
interface Reference {
  table: string;
  column: string;
  to: string;
  /** It may be empty. */
  isOptional: boolean;
}

interface Identity {
  table: string;
  /** The kind of its ids in `moved`: 'uuid', which is one for all tables, or the table. */
  kind: string;
  next: string;
}

export async function insertInOrder(sql: Sql, tables: readonly OrganizationTable[]): Promise<void> {
  const names = tables.map(({ name }) => name);
  const identities = await identitiesOf(sql, names);
  for (const { table, kind, next } of identities) {
    await sql.query(
      `insert into moved (kind, old, new) select $1, old, ${next}::text
       from (select distinct row->>'id' as old from staged where name = $2) x on conflict do nothing`,
      [kind, table],
    );
  }
  const references = await referencesOf(sql, names);
  const kindOf = new Map(identities.map(({ table, kind }) => [table, kind]));
  for (const { table, kind } of identities) await follow(sql, { table, column: "id" }, kind);
  for (const { table, column, to } of references) await follow(sql, { table, column }, kindOf.get(to) ?? "uuid");
  for (const { name, key } of tables) {
    if (key !== "organization_id" && !references.some((r) => r.table === name && r.column === key)) {
      // Telemetry has no foreign keys.
      await follow(sql, { table: name, column: key }, key === "device_id" ? "uuid" : "energy.channels");
    }
  }
  await sql.query(`update staged s set row = s.row - array(select k from jsonb_object_keys(s.row) k where k ~ '_by$')`);
  await rewriteFormulas(sql);
  await insertAll(sql, tables, references);
}

async function identitiesOf(sql: Sql, names: readonly string[]): Promise<Identity[]> {
  const { rows } = await sql.query<{ table: string; type: string; sequence: string | null }>(
    `select n.table, format_type(a.atttypid, null) as type, pg_get_serial_sequence(n.table, 'id') as sequence
     from unnest($1::text[]) as n("table") join pg_attribute a on a.attrelid = n.table::regclass and a.attname = 'id'
     where a.attidentity <> 'a'`,
    [names],
  );
  return rows.map(({ table, type, sequence }) =>
    type === "uuid"
      ? { table, kind: "uuid", next: "gen_random_uuid()" }
      : { table, kind: table, next: `nextval(${pg.escapeLiteral(sequence!)})` },
  );
}

/** Every column that holds the id of another row. */
async function referencesOf(sql: Sql, names: readonly string[]): Promise<Reference[]> {
  const { rows } = await sql.query<Reference>(
    `select n.nspname || '.' || c.relname as table, a.attname as column, fn.nspname || '.' || fc.relname as to,
       not a.attnotnull as "isOptional"
     from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_class fc on fc.oid = k.confrelid join pg_namespace fn on fn.oid = fc.relnamespace
     cross join lateral unnest(k.conkey, k.confkey) as x(attnum, fattnum)
     join pg_attribute a on a.attrelid = c.oid and a.attnum = x.attnum
     join pg_attribute fa on fa.attrelid = fc.oid and fa.attnum = x.fattnum
     where k.contype = 'f' and fa.attname = 'id' and n.nspname || '.' || c.relname = any ($1)`,
    [names],
  );
  return rows;
}

async function follow(sql: Sql, { table, column }: { table: string; column: string }, kind: string): Promise<void> {
  await sql.query(
    `update staged s set row = jsonb_set(s.row, array[$2], to_jsonb(m.new)) from moved m
     where s.name = $1 and m.kind = $3 and m.old = s.row->>$2`,
    [table, column, kind],
  );
}

/** A formula speaks of meters by their numbers. */
async function rewriteFormulas(sql: Sql): Promise<void> {
  const { rows } = await sql.query<{ n: number; formula: string }>(
    "select n, row->>'formula' as formula from staged where name = 'energy.virtual_meters'",
  );
  if (!rows.length) return;
  const { rows: numbers } = await sql.query<{ old: string; new: string }>(
    `select case kind when 'energy.channels' then 'c' else 'v' end || old as old, case kind when 'energy.channels' then 'c' else 'v' end || new as new
     from moved where kind in ('energy.channels', 'energy.virtual_meters')`,
  );
  const moved = new Map(numbers.map((number) => [number.old, number.new]));
  for (const { n, formula } of rows) {
    const read = readFormula(formula);
    if (!read.ok) continue;
    const text = formula.replace(/[cv]\d+/gi, (meter) => moved.get(meter.toLowerCase()) ?? meter);
    await sql.query("update staged set row = jsonb_set(row, '{formula}', to_jsonb($2::text)) where n = $1", [n, text]);
  }
}

/**
 * Tables before those that refer to them. Where two refer to each other, the column of the first is empty at first and filled when
 * both are there. A table that refers to itself is one statement, at whose end the references are checked.
 */
async function insertAll(
  sql: Sql,
  tables: readonly OrganizationTable[],
  references: readonly Reference[],
): Promise<void> {
  const left = [...tables];
  const there = new Set<string>();
  const later: Reference[] = [];
  while (left.length) {
    const open = (table: OrganizationTable) =>
      references.filter(
        ({ table: of, to }) =>
          of === table.name && to !== of && !there.has(to) && left.some((other) => other.name === to),
      );
    const next =
      left.find((table) => !open(table).length) ??
      left.find((table) => open(table).every(({ isOptional }) => isOptional)) ??
      left[0]!;
    const empty = open(next);
    await insertTable(
      sql,
      next,
      empty.map(({ column }) => column),
    );
    later.push(...empty);
    there.add(next.name);
    left.splice(left.indexOf(next), 1);
  }
  for (const { table, column } of later) {
    const name = pg.escapeIdentifier(column);
    await sql.query(
      `update ${table} t set ${name} = (jsonb_populate_record(null::${table}, s.row)).${name}
       from staged s where s.name = $1 and s.row->>$2 is not null and t.id::text = s.row->>'id'`,
      [table, column],
    );
  }
}

async function insertTable(sql: Sql, { name, columns }: OrganizationTable, empty: readonly string[]): Promise<void> {
  // What a file of an older version does not know has its default.
  const { rows } = await sql.query<{ column: string }>(
    `select distinct k as column from staged s cross join jsonb_object_keys(s.row) k where s.name = $1 and k <> all ($2)`,
    [name, empty],
  );
  const known = new Set(rows.map(({ column }) => column));
  const given = columns.filter((c) => !c.isGenerated && known.has(c.name)).map((c) => pg.escapeIdentifier(c.name));
  if (!given.length) return;
  await sql.query(
    `insert into ${name} (${given.join(", ")}) select ${given.map((column) => `r.${column}`).join(", ")}
     from staged s cross join lateral jsonb_populate_record(null::${name}, s.row) r
     where s.name = $1 order by (s.row->>'number')::numeric nulls first, s.n`,
    [name],
  );
}
