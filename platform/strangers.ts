import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";

/** So many different secrets that open nothing may one address show in a minute; after that, one that is new is looked up a second. */
export const failuresAMinute = 100;
const minuteMs = 60_000;
/** Of secrets that opened something, and of those that lately did not. Beyond it the oldest are forgotten. */
const mostRemembered = 50_000;

/**
 * Who tries secrets, by address: keys of the API, credentials of devices, whichever way they come. In memory, at one process: the
 * secrets are far too long to be guessed, so this spares the database and not the account. A secret that has opened something here
 * is never held up, whoever else is behind the same address; one that is tried again and again counts once a minute.
 */
export class Strangers {
  readonly #failures: RateLimiterMemory;
  readonly #trickle = new RateLimiterMemory({ points: 1, duration: 1 });
  readonly #familiar = new Set<string>();
  readonly #failed = new Map<string, number>();

  constructor(failures = failuresAMinute) {
    this.#failures = new RateLimiterMemory({ points: failures, duration: 60 });
  }

  /** Seconds until this secret may be looked up; 0: now. */
  async waitS(address: string, secret: string): Promise<number> {
    if (this.#familiar.has(hashOf(secret))) return 0;
    const network = networkOf(address);
    const counted = await this.#failures.get(network);
    if (!counted || counted.remainingPoints > 0) return 0;
    return this.#trickle.consume(network).then(
      () => 0,
      ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1000)),
    );
  }

  /** The secret opened nothing. Whether it counted: for the log, which gets no more lines than that. */
  async failed(address: string, secret: string, nowMs = Date.now()): Promise<boolean> {
    const hash = hashOf(secret);
    this.#familiar.delete(hash);
    if ((this.#failed.get(hash) ?? 0) > nowMs) return false;
    if (this.#failed.size >= mostRemembered) this.#failed.clear();
    this.#failed.set(hash, nowMs + minuteMs);
    await this.#failures.penalty(networkOf(address), 1);
    return true;
  }

  /** The secret opened something: it is held up no more. */
  passed(secret: string): void {
    const hash = hashOf(secret);
    if (this.#familiar.has(hash)) return;
    if (this.#familiar.size >= mostRemembered) this.#familiar.delete(this.#familiar.values().next().value!);
    this.#familiar.add(hash);
  }
}

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("base64");

/** One subscriber has a whole /64 of IPv6, and IPv4 comes as ::ffff:192.0.2.1 too. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head, tail] = address.split("%")[0]!.split("::") as [string, string?];
  const groups = (text = "") => text.split(":").filter(Boolean);
  const gap = tail === undefined ? [] : Array<string>(8 - groups(head).length - groups(tail).length).fill("0");
  const all = [...groups(head), ...gap, ...groups(tail)];
  return `${all
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/** Of this process: all its doors count together. */
export const strangers = new Strangers();
