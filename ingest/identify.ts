import { createHash, timingSafeEqual } from "node:crypto";
import {
  findCredentialBySecret,
  findCredentialByUsername,
  findCredentialsById,
  type Identity,
  type KnownCredential,
} from "../db/identities.ts";
import { Strangers } from "../domain/access/strangers.ts";
import { log } from "../platform/log.ts";

/**
 * Who is speaking. A credential's secrets are long and random, so one SHA-256 is enough and a storm of reconnects is cheap;
 * answers are remembered until the credential changes (`forget`, called on NOTIFY) or some minutes passed.
 */
export type Identified =
  | { ok: true; identity: Identity }
  /** `deviceId` is known when the user name was right: then the tenant can see the refusal. */
  | { ok: false; reason: "unknown-credential" | "wrong-password" | "revoked-credential"; deviceId: string | null };

/** Somebody at this address tries one secret after another: this one is not looked up now. */
export class TooManyFailures extends Error {
  constructor(readonly waitS: number) {
    super("too many secrets that open nothing came from this address");
  }
}

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
  readonly #strangers = new Strangers();
  #changes = 0;

  /**
   * @param from the sender's address, where it is known: who shows one wrong secret after another is slowed down.
   * @throws TooManyFailures
   */
  async identify(shown: Shown, from?: string): Promise<Identified> {
    if (from === undefined) return this.#find(shown);
    return this.slowly(from, `${shown.username ?? ""}\n${shown.secret}`, () => this.#find(shown));
  }

  /** Looks a secret up, of whichever kind, that came from an address. @throws TooManyFailures */
  async slowly<Found extends { ok: boolean; reason?: string; deviceId?: string | null }>(
    from: string,
    secret: string,
    find: () => Promise<Found>,
  ): Promise<Found> {
    const hash = sha256(secret);
    const waitS = this.#strangers.waitS(from, hash, Date.now());
    if (waitS > 0) throw new TooManyFailures(waitS);
    const found = await find();
    if (found.ok) this.#strangers.passed(hash);
    else if (this.#strangers.failed(from, hash, Date.now()))
      log.info({ from, reason: found.reason, deviceId: found.deviceId }, "a sender was refused");
    return found;
  }

  async #find(shown: Shown): Promise<Identified> {
    const hash = sha256(shown.secret);
    const key = `${shown.username ?? ""}\n${hash}`;
    const now = Date.now();
    const remembered = this.#known.get(key);
    if (remembered && remembered.untilMs > now) return remembered.answer;
    const changes = this.#changes;
    const answer = await this.#ask(shown, hash);
    // A credential was revoked, perhaps this one, while the database was asked: its answer may be older than that.
    if (changes !== this.#changes) return this.#find(shown);
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(key, { answer, untilMs: now + (answer.ok ? rememberMs : rememberRefusalMs) });
    return answer;
  }

  /** Who has this user name, where somebody else has checked the password. Asks the database each time. */
  async named(username: string): Promise<Identified> {
    const found = await findCredentialByUsername(username);
    return found ? this.#check(found, true) : { ok: false, reason: "unknown-credential", deviceId: null };
  }

  /** The named credentials changed: the next message asks the database again. Unknown ones are asked again as well. */
  forget(credentialIds: readonly string[]): void {
    this.#changes++;
    const gone = new Set(credentialIds);
    for (const [key, { answer }] of this.#known) {
      if (!answer.ok || gone.has(answer.identity.credentialId)) this.#known.delete(key);
    }
  }

  /** Changes may have been missed: nothing that is remembered counts any longer. */
  forgetAll(): void {
    this.#changes++;
    this.#known.clear();
  }

  // The user name of an MQTT client may be the token itself, with any password; HTTP clients put the token in either place.
  async #ask(shown: Shown, hash: string): Promise<Identified> {
    // Nobody's name has a NUL: Postgres could not even be asked, and "later" is no answer to that.
    if (shown.username && !shown.username.includes("\0")) {
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

/** Which of these credentials were revoked or removed since, or stand for something else than they did. */
export async function changedCredentials(identities: readonly Identity[]): Promise<string[]> {
  const ids = [...new Set(identities.map((identity) => identity.credentialId))];
  const now = new Map((await findCredentialsById(ids)).map((known) => [known.identity.credentialId, known]));
  return identities.flatMap((before) => {
    const known = now.get(before.credentialId);
    const isSame = known && !known.revoked && standsFor(known.identity) === standsFor(before);
    return isSame ? [] : [before.credentialId];
  });
}

/** Which of these were revoked or removed. */
export async function goneCredentials(ids: readonly string[]): Promise<string[]> {
  const held = new Set(
    (await findCredentialsById(ids)).filter(({ revoked }) => !revoked).map(({ identity }) => identity.credentialId),
  );
  return ids.filter((id) => !held.has(id));
}

const standsFor = ({ siteId, deviceId, kind, config }: Identity) => JSON.stringify([siteId, deviceId, kind, config]);

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
