import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Credential } from "../../domain/access/credential.ts";
import type { Environment } from "../../platform/env.ts";

/**
 * A new credential on its way from the form that made it to the page that shows it, once: encrypted in a cookie of one
 * minute that only this device's pages get, and that the page takes away as it answers.
 */
const lifetimeS = 60;
const credential = z.object({ username: z.string(), password: z.string(), token: z.string() });

const holder = globalThis as { [key: symbol]: Buffer | undefined };
const ownSecret = Symbol.for("energy.shown-once");

/** From APP_SECRET, so that any process can open it; without one, of this process alone. */
function keyOf({ APP_SECRET }: Environment): Uint8Array {
  const secret = APP_SECRET ?? (holder[ownSecret] ??= randomBytes(32));
  return new Uint8Array(hkdfSync("sha256", secret, "", "shown-once credential", 32));
}

const cookie = (value: string, path: string, maxAgeS: number) =>
  `shown-once=${value}; Path=${path}; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict`;

/** The Set-Cookie header that carries it to the pages below `path`. */
export function carry(made: Credential, path: string, env: Environment): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(env), iv).setAAD(Buffer.from(path));
  const sealed = Buffer.concat([iv, cipher.update(JSON.stringify(made)), cipher.final(), cipher.getAuthTag()]);
  return cookie(sealed.toString("base64url"), path, lifetimeS);
}

/** The credential that was carried to `path`, and the Set-Cookie header that takes it away. null: there is none. */
export function take(
  request: Request,
  path: string,
  env: Environment,
): { shown: Credential; setCookie: string } | null {
  const [, text] = /(?:^|;\s*)shown-once=([\w-]+)/.exec(request.headers.get("cookie") ?? "") ?? [];
  const sealed = Buffer.from(text ?? "", "base64url");
  if (sealed.length < 12 + 16) return null;
  try {
    const decipher = createDecipheriv("aes-256-gcm", keyOf(env), sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from(path)).setAuthTag(sealed.subarray(-16));
    const opened = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    return { shown: credential.parse(JSON.parse(opened.toString())), setCookie: cookie("", path, 0) };
  } catch {
    // Sealed for another device or by another process, or tampered with: then it is as good as gone.
    return null;
  }
}
