import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import type { ApiKey } from "../../db/api-keys.ts";
import { readEnvironment } from "../../platform/env.ts";
import { Problem } from "./problem.server.ts";

/**
 * Calls a minute, of one key and of one organization, at one process: bursts are welcome, a loop that has run wild is not. In
 * memory, because a write for each call would cost more than most calls.
 */
interface Limits {
  key: RateLimiterMemory;
  organization: RateLimiterMemory;
}

let made: Limits | undefined;

function limits(): Limits {
  if (made) return made;
  const { LIMIT_KEY_CALLS: key, LIMIT_ORGANIZATION_CALLS: organization } = readEnvironment();
  const limiter = (points: number) => new RateLimiterMemory({ points, duration: 60 });
  return (made = { key: limiter(key), organization: limiter(organization) });
}

/** @throws Problem 429 that says how long to wait. */
export async function countCall({ id, organizationId }: ApiKey): Promise<void> {
  const { key, organization } = limits();
  await count(key, id, "this API key");
  await count(organization, organizationId, "the organization");
}

async function count(limiter: RateLimiterMemory, of: string, whose: string): Promise<void> {
  try {
    await limiter.consume(of);
  } catch (refused) {
    const seconds = Math.max(1, Math.ceil((refused as RateLimiterRes).msBeforeNext / 1000));
    throw new Problem(429, `More than ${limiter.points} calls a minute by ${whose}: wait ${seconds} s.`, {
      headers: { "retry-after": String(seconds) },
    });
  }
}
