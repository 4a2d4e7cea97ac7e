import { asSystem } from "./as-system.ts";

/** What only the people who run the installation do, from a terminal. */

/** Sets a password and ends that person's sessions. false: nobody has this address. */
export async function setPassword(email: string, passwordHash: string): Promise<boolean> {
  const { rows } = await asSystem((sql) =>
    sql.query<{ id: string | null }>("select auth.set_password($1, $2) as id", [email, passwordHash]),
  );
  return rows[0]?.id !== null;
}

export async function invite(email: string, tokenHash: string, expiresAt: Date): Promise<void> {
  await asSystem((sql) => sql.query("select auth.invite($1, $2, $3)", [email, tokenHash, expiresAt]));
}
