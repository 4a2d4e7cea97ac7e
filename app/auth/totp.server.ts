import { Secret, TOTP } from "otpauth";

/** Codes of authenticator apps (RFC 6238): six digits, SHA-1, a new one every 30 s, which is what every app can do. */
const issuer = "Energy Tracking";
const periodS = 30;

/** The codes before and after the current one count as well: clocks differ, and typing takes time. */
const window = 1;

const totp = (secret: string, label: string) =>
  new TOTP({ issuer, label, secret: Secret.fromBase32(secret), algorithm: "SHA1", digits: 6, period: periodS });

/** 160 random bits in base32, as RFC 4226 recommends. */
export const newSecret = (): string => new Secret({ size: 20 }).base32;

/** What the app reads from the QR code. */
export const keyUri = (secret: string, email: string): string => totp(secret, email).toString();

/** The step that a code belongs to; null: it is none of now. Whether that step was used already is db/two-factor's to say. */
export function stepOf(secret: string, code: string, nowMs: number): number | null {
  // The library compares bytes, and throws at characters that have more than one.
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totp(secret, "").validate({ token: code, timestamp: nowMs, window });
  return delta === null ? null : Math.floor(nowMs / 1000 / periodS) + delta;
}
