import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { throttlePool } from "../../db/accounts.ts";

/**
 * Slow-down of repeated logins: five free tries, then waits, by account and by address. The account's count keeps a guesser from
 * many addresses out; the address' keeps one from trying many accounts.
 */
const limits = {
  account: { points: 5, duration: 15 * 60, blockDuration: 60 },
  address: { points: 30, duration: 15 * 60, blockDuration: 5 * 60 },
};

const limiters = new Map<string, RateLimiterPostgres>();

function limiter(kind: keyof typeof limits): RateLimiterPostgres {
  const known = limiters.get(kind);
  if (known) return known;
  const made = new RateLimiterPostgres({
    storeClient: throttlePool(),
    storeType: "pool",
    schemaName: "auth",
    tableName: "rate_limits",
    tableCreated: true,
    keyPrefix: `login-${kind}`,
    ...limits[kind],
  });
  limiters.set(kind, made);
  return made;
}

/** Counts a try. Answers the seconds to wait; 0: go on. */
export async function countTry(email: string, address: string): Promise<number> {
  const waits = await Promise.all([consume("account", email.toLowerCase()), consume("address", address)]);
  return Math.max(...waits);
}

async function consume(kind: keyof typeof limits, key: string): Promise<number> {
  try {
    await limiter(kind).consume(key.slice(0, 200));
    return 0;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.ceil(refused.msBeforeNext / 1000);
    throw refused;
  }
}

/** A right password clears the account's count. */
export async function forgive(email: string): Promise<void> {
  await limiter("account").delete(email.toLowerCase());
}

export function waitInWords(seconds: number): string {
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
