import { createHash, timingSafeEqual } from "node:crypto";
import {
  findCredentialBySecret,
  findCredentialByUsername,
  type Identity,
  type KnownCredential,
} from "../db/identities.ts";

/**
 * Who is speaking. A credential's secrets are long and random, so one SHA-256 is enough and a storm of reconnects is cheap;
 * answers are remembered until the credential changes (`forget`, called on NOTIFY) or some minutes passed.
 */
export type Identified =
  | { ok: true; identity: Identity }
  /** `deviceId` is known when the user name was right: then the tenant can see the refusal. */
  | { ok: false; reason: "unknown-credential" | "wrong-password" | "revoked-credential"; deviceId: string | null };

/** What a sender shows: a user name with a password, or one secret alone (a token, or the emoncms key). */
export interface Shown {
  username?: string;
  secret: string;
}

const rememberMs = 5 * 60_000;
const rememberRefusalMs = 10_000;
const mostRemembered = 20_000;

interface Remembered {
  answer: Identified;
  untilMs: number;
}

export class Identify {
  #known = new Map<string, Remembered>();

  async identify(shown: Shown): Promise<Identified> {
    const hash = sha256(shown.secret);
    const key = `${shown.username ?? ""}\n${hash}`;
    const now = Date.now();
    const remembered = this.#known.get(key);
    if (remembered && remembered.untilMs > now) return remembered.answer;
    const answer = await this.#ask(shown, hash);
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(key, { answer, untilMs: now + (answer.ok ? rememberMs : rememberRefusalMs) });
    return answer;
  }

  /** The named credentials changed: the next message asks the database again. Unknown ones are asked again as well. */
  forget(credentialIds: readonly string[]): void {
    const gone = new Set(credentialIds);
    for (const [key, { answer }] of this.#known) {
      if (!answer.ok || gone.has(answer.identity.credentialId)) this.#known.delete(key);
    }
  }

  // The user name of an MQTT client may be the token itself, with any password; HTTP clients put the token in either place.
  async #ask(shown: Shown, hash: string): Promise<Identified> {
    if (shown.username) {
      const named = await findCredentialByUsername(shown.username);
      if (named) return this.#check(named, equal(hash, named.passwordHash) || equal(hash, named.tokenHash));
      const byToken = await findCredentialBySecret(sha256(shown.username));
      if (byToken) return this.#check(byToken, true);
    }
    const found = shown.secret ? await findCredentialBySecret(hash) : null;
    // A password belongs to its own user name; a token may come with any.
    if (!found) return { ok: false, reason: "unknown-credential", deviceId: null };
    return this.#check(found, !shown.username || equal(hash, found.tokenHash));
  }

  #check({ identity, revoked }: KnownCredential, right: boolean): Identified {
    if (!right) return { ok: false, reason: "wrong-password", deviceId: identity.deviceId };
    if (revoked) return { ok: false, reason: "revoked-credential", deviceId: identity.deviceId };
    return { ok: true, identity };
  }
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
