import { createDecipheriv, createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Message } from "../domain/device/device.ts";
import { contentTypeOf, formOf, isUpload, parametersOf } from "../domain/device/emoncms-request.ts";
import { inflate, type Inflated } from "./inflate.ts";

/**
 * What senders of emoncms do to their data before they send it: `c=1` is zlib in hex in a parameter, `cb=1` a body that is
 * zlib, and devices without TLS encrypt the body with their key (docs/input_encrypted.md of emoncms). Undone here, so that
 * the decoder sees the plain form.
 */

/** Finds the secret (32 hex digits) of an encrypting sender, and with it whatever the caller knows of him. */
export type KeyOf<Sender> = (username: string) => Promise<(Sender & { key: string }) | null>;

export type Decrypted<Sender> = { ok: true; message: Message; sender: Sender } | { ok: false; error: string };

/** The plain form of an encrypted message, with the receipt that its sender wants to read; the errors are emoncms' own. */
export async function decrypt<Sender>(
  message: Message,
  keyOf: KeyOf<Sender>,
  limit: number,
): Promise<Decrypted<Sender>> {
  const authorization = message.headers?.authorization;
  if (!authorization) return { ok: false, error: "missing authorization header" };
  const [username = "", hmac, ...more] = authorization.trim().split(":");
  if (hmac === undefined || more.length > 0)
    return { ok: false, error: "authorization header format should be userid:hmac" };
  const sender = await keyOf(username);
  if (!sender) return { ok: false, error: "User not found" };
  if (message.payload.length === 0) return { ok: false, error: "no content in post body" };
  const key = Buffer.from(sender.key, "hex");
  const sealed = decipher(message.payload, key);
  if (!sealed) return { ok: false, error: "invalid data" };
  const inflated = contentTypeOf(message) === "aes128cbcgz" ? await inflate(sealed, "deflate", limit) : null;
  const plain = inflated?.ok ? inflated.bytes : sealed;
  // emoncms signs what was encrypted, compressed or not; clients that sign the text itself mean the same.
  const signed = [sealed, plain].find((bytes) => isSigned(bytes, key, hmac));
  if (!signed || inflated?.ok === false) return { ok: false, error: "invalid data" };
  const receipt = createHash("sha256").update(signed).digest("base64").replaceAll("+", "-").replaceAll("/", "_");
  return { ok: true, message: { ...message, payload: plain, receipt }, sender };
}

/** base64 (URL-safe or not) of 16 bytes IV and the AES-128-CBC cipher text. */
function decipher(payload: Uint8Array, key: Buffer): Buffer | null {
  const bytes = Buffer.from(Buffer.from(payload).toString("latin1"), "base64");
  if (key.length !== 16 || bytes.length < 32) return null;
  try {
    const cipher = createDecipheriv("aes-128-cbc", key, bytes.subarray(0, 16));
    return Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()]);
  } catch {
    // Not whole blocks, or a padding that this key does not give.
    return null;
  }
}

function isSigned(bytes: Uint8Array, key: Buffer, hmac: string): boolean {
  const right = createHmac("sha256", key).update(bytes).digest();
  const shown = Buffer.from(hmac, "hex");
  return shown.length === right.length && timingSafeEqual(shown, right);
}

export type Plain = { ok: true; message: Message } | (Inflated & { ok: false });

/**
 * Undoes `cb=1` and `c=1`. What is no zlib stays as it is, for the decoder to say so; only what is too large is an error.
 */
export async function inflateParameter(message: Message, limit: number): Promise<Plain> {
  const compressed = isUpload(message) ? compressedOf(message) : null;
  if (!compressed) return { ok: true, message };
  const inflated = await inflate(compressed.bytes, "deflate", limit);
  if (!inflated.ok) return inflated.status === 413 ? inflated : { ok: true, message };
  const query = new URLSearchParams(message.query ?? "");
  for (const name of ["c", "cb", "data"]) query.delete(name);
  for (const name of ["c", "data"]) compressed.form.delete(name);
  // As a parameter again, escaped only where it must be: it may be megabytes.
  const data = Buffer.from(inflated.bytes).toString("utf8").replace(/[%&+]/g, encodeURIComponent);
  const payload = Buffer.from([compressed.form.toString(), `data=${data}`].filter(Boolean).join("&"));
  const headers = { ...message.headers, "content-type": "application/x-www-form-urlencoded" };
  return { ok: true, message: { ...message, query: query.toString(), headers, payload } };
}

/** The zlib bytes, and the form they came in; null: there are none. */
function compressedOf(message: Message): { bytes: Uint8Array; form: URLSearchParams } | null {
  if (new URLSearchParams(message.query ?? "").has("cb"))
    return { bytes: message.payload, form: new URLSearchParams() };
  const parameters = parametersOf(message);
  const hex = parameters.get("data") ?? "";
  if (!parameters.has("c") || !/^([0-9a-f]{2})+$/i.test(hex)) return null;
  return { bytes: Buffer.from(hex, "hex"), form: formOf(message.payload) };
}

/** A form with the sender's key in it goes on the tenant's record without. */
export function withoutKey(message: Message): Message {
  const { payload } = message;
  if (!isUpload(message) || !Buffer.from(payload.buffer, payload.byteOffset, payload.length).includes("key="))
    return message;
  const text = Buffer.from(payload)
    .toString("utf8")
    .replace(/(^|&)(apikey|devicekey)=[^&]*/g, "$1$2=***");
  return { ...message, payload: Buffer.from(text) };
}
