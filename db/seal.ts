import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { appSecret } from "./app-secret.ts";
import { readEnvironment } from "../platform/env.ts";

/**
 * Encryption of what the database keeps secret: AES-256-GCM under a key made of APP_SECRET. A sealed text is `v2.`, the id of
 * its key, `.`, and base64url of nonce (12 bytes), tag (16 bytes) and ciphertext. It is bound to its column and row: moved
 * elsewhere, it does not open. APP_SECRET_OLD opens too, and seals nothing (`energy secrets rotate` seals anew).
 */
const cipher = "aes-256-gcm";
const version = "v2";
const nonceBytes = 12;
const tagBytes = 16;

/** Every sealed column, as schema.table.column; a test compares them with the database's. */
export const sealedColumns = [
  "auth.mails.data_sealed",
  "auth.signing_keys.private_sealed",
  "auth.two_factors.secret_sealed",
  "energy.credentials.password_sealed",
  "energy.idempotency_keys.answer_sealed",
  "energy.webhooks.secrets_sealed",
] as const;
export type SealedColumn = (typeof sealedColumns)[number];

/** Where a sealed text is kept: its column, and what names its row there (db/rotate-secrets.ts says what that is for each). */
export interface Place {
  column: SealedColumn;
  row: string;
}

interface Key {
  id: string;
  bytes: Uint8Array;
}

let keyring: readonly Key[] | undefined;

/** The key that seals, then the one before it, if there is one. */
function keys(): readonly Key[] {
  if (keyring) return keyring;
  const env = readEnvironment();
  const secrets = [appSecret(env), ...(env.APP_SECRET_OLD ? [env.APP_SECRET_OLD] : [])];
  return (keyring = secrets.map(keyOf));
}

const derive = (secret: string, purpose: string, bytes: number) =>
  new Uint8Array(hkdfSync("sha256", secret, "", purpose, bytes));

const keyOf = (secret: string): Key => ({
  id: Buffer.from(derive(secret, "id of the key of sealed columns", 6)).toString("base64url"),
  bytes: derive(secret, "sealed columns", 32),
});

/** What a text begins with that is sealed under the current key. */
export const currentPrefix = (): string => `${version}.${keys()[0]!.id}.`;

const boundTo = ({ column, row }: Place) => Buffer.from(`${column}\n${row}`);

/** @throws SetupError when there is no APP_SECRET and none can be made. */
export function seal(plain: string, place: Place): string {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, keys()[0]!.bytes, nonce).setAAD(boundTo(place));
  const text = Buffer.concat([sealing.update(plain, "utf8"), sealing.final()]);
  return currentPrefix() + Buffer.concat([nonce, sealing.getAuthTag(), text]).toString("base64url");
}

/**
 * null: sealed under a secret that is neither APP_SECRET nor APP_SECRET_OLD, for another place, or changed since.
 * @throws SetupError as `seal` does.
 */
export function unseal(sealed: string, place: Place): string | null {
  const [form, ...rest] = sealed.split(".");
  if (form === version && rest.length === 2) {
    const key = keys().find(({ id }) => id === rest[0]);
    return key ? opened(rest[1]!, key, boundTo(place)) : null;
  }
  // Until version 2 a text did not say its key, and was bound to nothing.
  if (form !== "v1" || rest.length !== 1) return null;
  for (const key of keys()) {
    const plain = opened(rest[0]!, key, null);
    if (plain !== null) return plain;
  }
  return null;
}

function opened(text: string, key: Key, bound: Uint8Array | null): string | null {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < nonceBytes + tagBytes) return null;
  const opening = createDecipheriv(cipher, key.bytes, bytes.subarray(0, nonceBytes));
  if (bound) opening.setAAD(bound);
  opening.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    return Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]).toString("utf8");
  } catch {
    return null;
  }
}
