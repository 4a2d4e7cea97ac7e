import { hash, verify } from "@node-rs/argon2";

/** Argon2id with OWASP's smallest recommended cost: 19 MiB, two passes, one lane; about 30 ms. (2 is Argon2id.) */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 2 } as const;
const mostAtOnce = 4;

const longestTried = 1_000;

/** More than this means a flood: better to say so at once than to answer in a minute. */
const mostWaiting = 200;

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Few at a time: each takes 19 MiB and a core, and a login storm must not take the process down.
 * @throws Response 503 when too many wait already.
 */
async function oneOfFew<T>(work: () => Promise<T>): Promise<T> {
  if (running < mostAtOnce) running++;
  else if (waiting.length < mostWaiting) await new Promise<void>((resolve) => waiting.push(resolve));
  else throw new Response("Too many log in at this moment", { status: 503, headers: { "retry-after": "5" } });
  try {
    return await work();
  } finally {
    // The place goes to the next in line; only without one is it free.
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

export const hashPassword = (password: string): Promise<string> => oneOfFew(() => hash(password, cost));

/** Of random bytes that nobody kept: what a password is compared with where there is no account. Same cost as `cost`. */
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$gD2Um2tUuwTgGJz5DzBjgg$Vhe4FtUvXXg+PMlqkO/L6NIe5vknoVebZnr9eaziE3A";

/** Whether the password is right. Without an account it takes as long and is false, so that time does not tell who has one. */
export async function isPassword(password: string, passwordHash: string | null): Promise<boolean> {
  // Hashing megabytes is no work to be given away.
  const tried = password.slice(0, longestTried);
  const right = await oneOfFew(() => verify(passwordHash ?? nobodys, tried));
  return right && passwordHash !== null;
}
