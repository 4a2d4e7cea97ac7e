/** So many different secrets that open nothing may one address show in a minute; after that, one that is new is looked up a second. */
export const failuresAMinute = 100;
const minuteMs = 60_000;
const secondMs = 1_000;
/** Of secrets that opened something, of those that lately did not, and of addresses. Beyond it the oldest are forgotten. */
const mostRemembered = 50_000;

interface Counted {
  failures: number;
  /** The minute that is counted ends. */
  untilMs: number;
  /** The next new secret is looked up. */
  nextMs: number;
}

/**
 * Who tries secrets, by address: keys of the API, credentials of devices, whichever way they come. At one process: the secrets are
 * far too long to be guessed, so this spares the database and no account. A secret that has opened something here is never held up,
 * whoever else is behind the same address; one that is tried again and again counts once a minute. Secrets come hashed; times are
 * epoch milliseconds.
 */
export class Strangers {
  readonly #counted = new Map<string, Counted>();
  readonly #familiar = new Map<string, true>();
  readonly #failed = new Map<string, number>();

  constructor(readonly most = failuresAMinute) {}

  /** Seconds until this secret may be looked up; 0: now. */
  waitS(address: string, hash: string, nowMs: number): number {
    if (this.#familiar.has(hash)) return 0;
    const counted = this.#counted.get(networkOf(address));
    if (!counted || counted.untilMs <= nowMs || counted.failures < this.most) return 0;
    if (counted.nextMs > nowMs) return Math.ceil((counted.nextMs - nowMs) / secondMs);
    counted.nextMs = nowMs + secondMs;
    return 0;
  }

  /** The secret opened nothing. Whether it counted: for the log, which gets no more lines than that. */
  failed(address: string, hash: string, nowMs: number): boolean {
    this.#familiar.delete(hash);
    if ((this.#failed.get(hash) ?? 0) > nowMs) return false;
    remember(this.#failed, hash, nowMs + minuteMs);
    const network = networkOf(address);
    const counted = this.#counted.get(network);
    if (counted && counted.untilMs > nowMs) counted.failures++;
    else remember(this.#counted, network, { failures: 1, untilMs: nowMs + minuteMs, nextMs: nowMs });
    return true;
  }

  /** The secret opened something: it is held up no more. */
  passed(hash: string): void {
    if (!this.#familiar.has(hash)) remember(this.#familiar, hash, true);
  }
}

function remember<Value>(known: Map<string, Value>, key: string, value: Value): void {
  known.delete(key);
  if (known.size >= mostRemembered) known.delete(known.keys().next().value!);
  known.set(key, value);
}

/** One subscriber has a whole /64 of IPv6, and IPv4 comes as ::ffff:192.0.2.1 too. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head, tail] = address.split("%")[0]!.split("::") as [string, string?];
  const groups = (text = "") => text.split(":").filter(Boolean);
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups(head).length - groups(tail).length);
  const all = [...groups(head), ...Array<string>(missing).fill("0"), ...groups(tail)];
  return `${all
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
