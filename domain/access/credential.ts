/**
 * A device's credential: a readable user name, a password of 32 hex digits (which is also an emoncms key) and a token of 88
 * URL-safe characters (as long as InfluxDB's, which some clients insist on). All three are random; the bytes are passed in.
 */
export interface Credential {
  username: string;
  password: string;
  token: string;
}

/** Random bytes that `makeCredential` needs. */
export const credentialBytes = 6 + 16 + 66;

export function makeCredential(random: Uint8Array): Credential {
  if (random.length < credentialBytes) throw new RangeError(`a credential is made of ${credentialBytes} random bytes`);
  return {
    username: `d-${base32(random.subarray(0, 6))}`,
    password: hex(random.subarray(6, 22)),
    token: base64url(random.subarray(22, 88)),
  };
}

/** Random bytes of an API key, and the key: `ek_` and 43 URL-safe characters. */
export const apiKeyBytes = 32;
export const makeApiKey = (random: Uint8Array): string => `ek_${base64url(random.subarray(0, apiKeyBytes))}`;

/** Of a key, what is kept to tell it from another: 6 of its 43 random characters. */
export const apiKeyPrefix = (key: string): string => key.slice(0, 9);

/** What an API key may do. */
export const scopes = ["read", "write", "ingest", "admin"] as const;
export type Scope = (typeof scopes)[number];

const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

// Without letters that are mistaken for one another when somebody types them off a screen.
const alphabet32 = "abcdefghjkmnpqrstuvwxyz23456789x";
const base32 = (bytes: Uint8Array) =>
  Array.from(bytes, (b) => alphabet32[b % 32]! + alphabet32[(b >> 3) % 32]!)
    .join("")
    .slice(0, 10);

const alphabet64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function base64url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const word = (a! << 16) | (b << 8) | c;
    const length = Math.min(4, bytes.length - i + 1);
    for (let k = 0; k < length; k++) text += alphabet64[(word >> (18 - 6 * k)) & 63]!;
  }
  return text;
}
