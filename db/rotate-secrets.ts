import { asSystem } from "./as-system.ts";
import { currentPrefix, seal, sealedColumns, unseal, type SealedColumn } from "./seal.ts";

/**
 * Sealing anew, under the current APP_SECRET, whatever is sealed under the one before (or in an older form). In small
 * transactions: it can be stopped at any time and begun again, and the installation runs on meanwhile.
 */

/** For each column what names a row in it, as SQL: unique, and as `Place.row` has it. */
const rowNames: Record<SealedColumn, string> = {
  "auth.mails.data_sealed": "id::text",
  "auth.signing_keys.private_sealed": "kid",
  "auth.two_factors.secret_sealed": "user_id::text",
  "energy.credentials.password_sealed": "username",
  "energy.idempotency_keys.answer_sealed": "organization_id || ' ' || key",
  "energy.webhooks.secrets_sealed": "id::text",
};

const perTransaction = 500;

export interface Rotated {
  column: SealedColumn;
  /** Sealed anew. */
  rotated: number;
  /** Neither secret opens them: they stay as they are. */
  unreadable: number;
}

/** One column after the other. `onProgress` is told after each transaction. */
export async function rotateSecrets(onProgress: (so: Rotated) => void): Promise<Rotated[]> {
  const done: Rotated[] = [];
  for (const column of sealedColumns) done.push(await rotateColumn(column, onProgress));
  return done;
}

function partsOf(column: SealedColumn): { table: string; name: string } {
  const [schema, table, name] = column.split(".");
  return { table: `${schema}.${table}`, name: name! };
}

async function rotateColumn(column: SealedColumn, onProgress: (so: Rotated) => void): Promise<Rotated> {
  const so: Rotated = { column, rotated: 0, unreadable: 0 };
  for (let after: string | null = ""; after !== null;) {
    after = await rotateSome(column, after, so);
    onProgress({ ...so });
  }
  return so;
}

/** The next rows by name; null: there are no more. A row that is changed meanwhile was sealed by a process that runs, as it should be. */
async function rotateSome(column: SealedColumn, after: string, so: Rotated): Promise<string | null> {
  const { table, name } = partsOf(column);
  const row = rowNames[column];
  return asSystem(async (sql) => {
    const { rows } = await sql.query<{ row: string; sealed: string }>(
      `select ${row} as row, ${name} as sealed from ${table}
       where ${row} collate "C" > $1 and ${name} is not null and not starts_with(${name}, $2)
       order by ${row} collate "C" limit ${perTransaction}`,
      [after, currentPrefix()],
    );
    for (const found of rows) {
      const place = { column, row: found.row };
      const plain = unseal(found.sealed, place);
      if (plain === null) {
        so.unreadable++;
        continue;
      }
      const { rowCount } = await sql.query(`update ${table} set ${name} = $1 where ${row} = $2 and ${name} = $3`, [
        seal(plain, place),
        found.row,
        found.sealed,
      ]);
      so.rotated += rowCount ?? 0;
    }
    return rows.length < perTransaction ? null : rows.at(-1)!.row;
  });
}
