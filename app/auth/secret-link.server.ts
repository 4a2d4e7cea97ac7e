import { createHash, randomBytes } from "node:crypto";

/**
 * The secret of a link that lets somebody in: 256 random bits, of which only the SHA-256 is kept. Not a signature over what it
 * opens: a signed link could be made by whoever gets the signing key, and would have to be looked up all the same to be revoked.
 */
export function makeSecret(): { secret: string; hash: string } {
  const secret = randomBytes(32).toString("base64url");
  return { secret, hash: hashSecret(secret) };
}

export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** Whether a text can be such a secret at all: others are not asked for. */
export const isSecret = (text: string | undefined): text is string => /^[\w-]{43}$/.test(text ?? "");

/** Where such a secret is a part of the address. */
export const secretAddresses = ["/shared", "/invitations"];

/** A path as it may be written into a log. */
export const withoutSecret = (path: string): string => path.replace(/^(\/shared|\/invitations)\/[^/]+/, "$1/…");
