import type { Identify, Identified } from "./identify.ts";
import type { Patience } from "./patience.ts";

const mostRemembered = 200_000;

interface Asked {
  answer: Promise<Identified>;
  credentialId?: string;
}

/**
 * Who stands behind a user name that a broker has checked already. Remembered until the credential changes. Everybody who
 * asks for the same name waits for the same answer, so that messages go on in the order in which they asked.
 */
export class Senders {
  #known = new Map<string, Asked>();
  #identify: Identify;
  #patience: Patience;

  constructor(identify: Identify, patience: Patience) {
    this.#identify = identify;
    this.#patience = patience;
  }

  /** Waits while the database is away; rejects only when the ingest stops. */
  find(username: string): Promise<Identified> {
    const known = this.#known.get(username);
    if (known) return known.answer;
    if (this.#known.size >= mostRemembered) this.#known.clear();
    const asked: Asked = { answer: this.#patience.until(() => this.#identify.named(username)) };
    this.#known.set(username, asked);
    asked.answer.then(
      (identified) => identified.ok && (asked.credentialId = identified.identity.credentialId),
      () => this.#known.delete(username),
    );
    return asked.answer;
  }

  /** The named credentials changed; names that nobody had, or that are being asked for, may stand for them now. */
  forget(credentialIds: readonly string[]): void {
    const gone = new Set(credentialIds);
    for (const [username, { credentialId }] of this.#known) {
      if (!credentialId || gone.has(credentialId)) this.#known.delete(username);
    }
  }

  /** Changes may have been missed. */
  forgetAll(): void {
    this.#known.clear();
  }
}
