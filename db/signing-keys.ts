import { randomUUID } from "node:crypto";
import { exportJWK, exportPKCS8, generateKeyPair, importJWK, importPKCS8, type CryptoKey, type JWK } from "jose";
import { asNobody } from "./as-user.ts";
import type { Sql } from "./client.ts";
import { seal, unseal, type Place } from "./seal.ts";

/**
 * What access tokens are signed with: Ed25519 keys, kept in the database so that every process signs and verifies alike, the
 * private half sealed. The newest signs. An older one verifies until the last token that it signed is out.
 */
export const algorithm = "EdDSA";
export const tokenLifetimeS = 15 * 60;
/** A key signs for so long; then a new one takes over. */
export const rotationDays = 30;

const rotationMs = rotationDays * 86_400_000;
/** Twice the lifetime: the clocks of several machines are not one. */
const verifiesForMs = 2 * tokenLifetimeS * 1000;
/** A process asks the database again after so long, and when it meets a key that it does not know. */
const rememberedMs = 60_000;

export interface SigningKey {
  kid: string;
  publicJwk: JWK;
  verifying: CryptoKey;
  /** null: sealed under another APP_SECRET. */
  signing: CryptoKey | null;
  createdMs: number;
}

interface Row {
  kid: string;
  publicJwk: JWK;
  privateSealed: string;
  createdAt: Date;
}

const placeOf = (kid: string): Place => ({ column: "auth.signing_keys.private_sealed", row: kid });

// Per pool: tests open one database after the other.
const remembered = new WeakMap<object, { keys: SigningKey[]; readMs: number }>();

/** Newest first. `anew`: what is remembered does not do. */
async function readKeys(anew: boolean): Promise<SigningKey[]> {
  const sql = asNobody();
  const known = remembered.get(sql);
  const nowMs = Date.now();
  if (known && !anew && nowMs - known.readMs < rememberedMs) return known.keys;
  const { rows } = await sql.query<Row>(
    `select kid, public_jwk as "publicJwk", private_sealed as "privateSealed", created_at as "createdAt" from auth.signing_keys()`,
  );
  const keys = await Promise.all(rows.map(opened));
  remembered.set(sql, { keys, readMs: nowMs });
  return keys;
}

async function opened({ kid, publicJwk, privateSealed, createdAt }: Row): Promise<SigningKey> {
  const pkcs8 = unseal(privateSealed, placeOf(kid));
  return {
    ...{ kid, publicJwk, createdMs: createdAt.getTime() },
    verifying: (await importJWK(publicJwk, algorithm)) as CryptoKey,
    signing: pkcs8 === null ? null : await importPKCS8(pkcs8, algorithm),
  };
}

/** Those whose tokens may still be in use, newest first. */
export async function verifyingKeys(anew = false): Promise<SigningKey[]> {
  const keys = await readKeys(anew);
  const nowMs = Date.now();
  return keys.filter((_key, i) => i === 0 || keys[i - 1]!.createdMs + verifiesForMs > nowMs);
}

/**
 * The key that signs now; the first one, and one that takes over, is made when it is asked for. Always as the database has it: one
 * that was dropped signs nothing more anywhere.
 */
export async function signingKey(): Promise<SigningKey & { signing: CryptoKey }> {
  const [newest] = await readKeys(true);
  if (newest?.signing && newest.createdMs + rotationMs > Date.now()) return { ...newest, signing: newest.signing };
  await rotateSigningKey(asNobody());
  const [made] = await readKeys(true);
  return made as SigningKey & { signing: CryptoKey };
}

/** A new key signs from now on; those before it verify until their tokens are out. Answers its id. */
export async function rotateSigningKey(sql: Sql): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const kid = randomUUID();
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" };
  await sql.query("select auth.add_signing_key($1, $2, $3)", [
    kid,
    jwk,
    seal(await exportPKCS8(privateKey), placeOf(kid)),
  ]);
  return kid;
}

/** A key was seen by somebody else: nothing that another one than `kid` signed is good any more, from now on. Answers how many go. */
export async function dropSigningKeysBut(kid: string, sql: Sql): Promise<number> {
  const { rowCount } = await sql.query("delete from auth.signing_keys where kid <> $1", [kid]);
  return rowCount ?? 0;
}

/** Removes keys that nothing can be verified with any more. */
export async function removeOldSigningKeys(sql: Sql): Promise<void> {
  await sql.query(
    `delete from auth.signing_keys k using (
       select kid, lag(created_at) over (order by created_at desc, kid) as superseded_at from auth.signing_keys) o
     where o.kid = k.kid and o.superseded_at < now() - $1 * interval '1 millisecond'`,
    [verifiesForMs],
  );
}
