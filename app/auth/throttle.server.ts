import { createHash } from "node:crypto";
import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { throttlePool } from "../../db/accounts.ts";

/**
 * Slow-down of repeated logins, by account and by address. The first failures are free; after them one try is let through
 * per wait, and each further failure doubles the wait: 15 s, 30 s, 1 min … 15 min. The account's count keeps a guesser
 * with many addresses out, the address' count one who tries many accounts.
 */
const free = { account: 5, address: 30 };
type Door = keyof typeof free;

const firstWaitS = 15;
const longestWaitS = 15 * 60;
const forgottenAfterS = 24 * 3600;
const signUps = { points: 20, duration: 3600 };
/** Links that are none, from one address; and access tokens for one API key. */
const links = { points: 20, duration: 3600 };
const tokens = { points: 300, duration: 3600 };
/** Mails that anybody can have sent: so many an hour to one person, and from one address. */
const mails = { account: 5, address: 20, duration: 3600 };

/** How long the next try must wait after so many failures in a row; 0: not at all. */
export function waitAfter(failures: number, freeFailures: number): number {
  const beyond = failures - freeFailures;
  return beyond < 0 ? 0 : Math.min(longestWaitS, firstWaitS * 2 ** beyond);
}

interface Limiters {
  failures: RateLimiterPostgres;
  wait: RateLimiterPostgres;
  signUps: RateLimiterPostgres;
  links: RateLimiterPostgres;
  tokens: RateLimiterPostgres;
  mails: Record<Door, RateLimiterPostgres>;
}

const byPool = new WeakMap<object, Limiters>();

function limiters(): Limiters {
  const pool = throttlePool();
  const known = byPool.get(pool);
  if (known) return known;
  const make = (keyPrefix: string, points: number, duration: number) =>
    new RateLimiterPostgres({
      storeClient: pool,
      storeType: "pool",
      schemaName: "auth",
      tableName: "rate_limits",
      tableCreated: true,
      keyPrefix,
      points,
      duration,
    });
  const made = {
    failures: make("login", 1_000_000, forgottenAfterS),
    wait: make("login-wait", 1, firstWaitS),
    signUps: make("sign-up", signUps.points, signUps.duration),
    links: make("link", links.points, links.duration),
    tokens: make("token", tokens.points, tokens.duration),
    mails: {
      account: make("mail", mails.account, mails.duration),
      address: make("mail", mails.address, mails.duration),
    },
  };
  byPool.set(pool, made);
  return made;
}

const keyOf = (door: Door, text: string) =>
  `${door}-${createHash("sha256").update(text.toLowerCase()).digest("hex").slice(0, 40)}`;

/**
 * Counts a try as failed, before the password is looked at, so that many at once do not slip through.
 * Answers the seconds to wait; 0: go on, and call `forgive` when the password was right.
 */
export async function countTry(email: string, address: string): Promise<number> {
  const waitS = await countAt("address", address);
  if (waitS > 0) return waitS;
  const accountWaitS = await countAt("account", email);
  if (accountWaitS > 0) await limiters().failures.reward(keyOf("address", address));
  return accountWaitS;
}

async function countAt(door: Door, text: string): Promise<number> {
  const { failures, wait } = limiters();
  const key = keyOf(door, text);
  const { consumedPoints } = await failures.consume(key);
  const waitS = waitAfter(consumedPoints, free[door]);
  if (waitS === 0) return 0;
  // One try is let through, and shuts the door for `waitS`.
  const leftS = await consume(wait, key, waitS);
  // Knocking at a shut door is no failure: it does not make the wait longer.
  if (leftS > 0) await failures.reward(key);
  return leftS;
}

async function consume(limiter: RateLimiterPostgres, key: string, durationS: number): Promise<number> {
  try {
    await limiter.consume(key, 1, { customDuration: durationS });
    return 0;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    throw refused;
  }
}

/** A right password clears the account's count, and takes this try from the address' count. */
export async function forgive(email: string, address: string): Promise<void> {
  const { failures, wait } = limiters();
  const key = keyOf("account", email);
  await Promise.all([failures.delete(key), wait.delete(key), failures.reward(keyOf("address", address))]);
}

/** Counts a new account of an address. Answers the seconds to wait; 0: go on. */
export const countSignUp = (address: string): Promise<number> =>
  consume(limiters().signUps, keyOf("address", address), signUps.duration);

/** Counts a link to a new password that opens nothing. Answers the seconds to wait; 0: go on. */
export const countWrongLink = (address: string): Promise<number> =>
  consume(limiters().links, keyOf("address", address), links.duration);

/** Counts an access token for an API key, whichever process makes it. Answers the seconds to wait; 0: go on. */
export const countToken = (keyId: string): Promise<number> =>
  consume(limiters().tokens, keyOf("account", keyId), tokens.duration);

/** Counts a mail that somebody asks for, whether or not anybody has this e-mail address. Answers the seconds to wait; 0: go on. */
export async function countMail(email: string, address: string): Promise<number> {
  const { account, address: place } = limiters().mails;
  const waitS = await consume(place, keyOf("address", address), mails.duration);
  return waitS > 0 ? waitS : consume(account, keyOf("account", email), mails.duration);
}

/** What a page says to somebody who must wait. */
export const tooManyTries = (waitS: number): string => `Too many tries. Wait ${waitInWords(waitS)}, then try again.`;

export function waitInWords(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
