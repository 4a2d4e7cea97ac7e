import { createHash } from "node:crypto";
import { errors, jwtVerify, SignJWT, type JWTHeaderParameters } from "jose";
import { scopes, type Scope } from "../domain/access/credential.ts";
import { publicUrl, readEnvironment } from "../platform/env.ts";
import { findApiKey, findApiKeyById, type ApiKey } from "./api-keys.ts";
import { algorithm, signingKey, tokenLifetimeS, verifyingKeys } from "./signing-keys.ts";

/**
 * Access tokens: what an API key is traded for, so that the key itself need not travel with every call. A JSON Web Token as
 * RFC 9068 has it, signed with EdDSA. It stands for its key: it never opens more than the key does at that moment, and nothing
 * once the key is revoked.
 */
const type = "at+jwt";

interface Issuer {
  issuer: string;
  audience: string;
}
let known: Issuer | undefined;

/** Who issues them, and the API that they are for. */
function issuer(): Issuer {
  if (known) return known;
  const url = publicUrl(readEnvironment());
  return (known = { issuer: url, audience: `${url}/api/v1` });
}

export async function issueAccessToken(key: ApiKey): Promise<{ token: string; expiresInS: number }> {
  const { kid, signing } = await signingKey();
  const nowS = Math.floor(Date.now() / 1000);
  const keyEndsS = key.expiresAt ? Math.floor(key.expiresAt.getTime() / 1000) : Infinity;
  const endsS = Math.min(nowS + tokenLifetimeS, keyEndsS);
  const { issuer: iss, audience } = issuer();
  const token = await new SignJWT({ org: key.organizationId, scope: key.scopes.join(" ") })
    .setProtectedHeader({ alg: algorithm, kid, typ: type })
    .setIssuer(iss)
    .setAudience(audience)
    .setSubject(key.id)
    .setIssuedAt(nowS)
    .setExpirationTime(endsS)
    .setJti(crypto.randomUUID())
    .sign(signing);
  return { token, expiresInS: Math.max(0, endsS - nowS) };
}

/** The API key that a bearer secret is or stands for; null: unknown, expired, revoked or forged. */
export async function findBearer(secret: string): Promise<(ApiKey & { isToken: boolean }) | null> {
  if (isToken(secret)) {
    const key = await keyOfToken(secret);
    return key && { ...key, isToken: true };
  }
  const key = await findApiKey(createHash("sha256").update(secret).digest("hex"));
  return key && { ...key, isToken: false };
}

const isToken = (secret: string) => secret.split(".").length === 3;

async function keyOfToken(token: string): Promise<ApiKey | null> {
  const found = await verified(token);
  if (!found?.claims.sub) return null;
  const { claims, kid } = found;
  const key = await findApiKeyById(claims.sub!, kid);
  if (!key || key.organizationId !== claims["org"]) return null;
  const granted = String(claims["scope"]).split(" ");
  return { ...key, scopes: scopes.filter((scope: Scope) => granted.includes(scope) && key.scopes.includes(scope)) };
}

/** What a token says, when we signed it and it holds; null: not so. */
async function verified(token: string) {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keyFor, {
      ...issuer(),
      algorithms: [algorithm],
      typ: type,
      requiredClaims: ["sub", "org", "exp", "iat"],
    });
    return { claims: payload, kid: protectedHeader.kid! };
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

async function keyFor({ kid }: JWTHeaderParameters) {
  const named = (keys: Awaited<ReturnType<typeof verifyingKeys>>) => keys.find((key) => key.kid === kid);
  const key = named(await verifyingKeys()) ?? (await keyMadeMeanwhile(kid, named));
  if (!key) throw new errors.JWKSNoMatchingKey();
  return key.verifying;
}

/** Another process may have made a key that this one has not read yet. A forger's names must not cost a query each. */
let askedAnewMs = 0;
async function keyMadeMeanwhile<T>(
  kid: string | undefined,
  named: (keys: Awaited<ReturnType<typeof verifyingKeys>>) => T,
) {
  const nowMs = Date.now();
  if (!kid || nowMs - askedAnewMs < 1_000) return undefined;
  askedAnewMs = nowMs;
  return named(await verifyingKeys(true));
}

/** The public halves, as RFC 7517 has them. */
export async function jsonWebKeySet() {
  await signingKey();
  return { keys: (await verifyingKeys(true)).map(({ publicJwk }) => publicJwk) };
}
