import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { appSecret } from "./app-secret.ts";
import { readEnvironment } from "../platform/env.ts";

/**
 * Encryption of what the database keeps secret: AES-256-GCM under a key made of APP_SECRET.
 * A sealed text is `v1.` and base64url of nonce (12 bytes), tag (16 bytes) and ciphertext.
 */
const cipher = "aes-256-gcm";
const version = "v1.";
const nonceBytes = 12;
const tagBytes = 16;

let key: Uint8Array | undefined;

function sealingKey(): Uint8Array {
  return (key ??= new Uint8Array(hkdfSync("sha256", appSecret(readEnvironment()), "", "sealed columns", 32)));
}

/** @throws SetupError when there is no APP_SECRET and none can be made. */
export function seal(plain: string): string {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, sealingKey(), nonce);
  const text = Buffer.concat([sealing.update(plain, "utf8"), sealing.final()]);
  return version + Buffer.concat([nonce, sealing.getAuthTag(), text]).toString("base64url");
}

/** null: sealed under another APP_SECRET, or changed since. @throws SetupError as `seal` does. */
export function unseal(sealed: string): string | null {
  if (!sealed.startsWith(version)) return null;
  const bytes = Buffer.from(sealed.slice(version.length), "base64url");
  if (bytes.length < nonceBytes + tagBytes) return null;
  const opening = createDecipheriv(cipher, sealingKey(), bytes.subarray(0, nonceBytes));
  opening.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    return Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]).toString("utf8");
  } catch {
    return null;
  }
}
