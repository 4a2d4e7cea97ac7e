import { hash, verify } from "@node-rs/argon2";

/** Argon2id with OWASP's smallest recommended cost: 19 MiB, two passes, one lane; about 30 ms. (2 is Argon2id.) */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 2 } as const;
const mostAtOnce = 4;

export const shortestPassword = 10;
export const longestPassword = 200;

let running = 0;
const waiting: (() => void)[] = [];

/** Few at a time: each takes 19 MiB and a core, and a login storm must not take the process down. */
async function oneOfFew<T>(work: () => Promise<T>): Promise<T> {
  if (running >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

export const hashPassword = (password: string): Promise<string> => oneOfFew(() => hash(password, cost));

let somebodys: Promise<string> | undefined;

/** Whether the password is right. Without an account it takes as long and is false, so that time does not tell who has one. */
export async function isPassword(password: string, passwordHash: string | null): Promise<boolean> {
  const against = passwordHash ?? (await (somebodys ??= hashPassword("an account that does not exist")));
  const right = await oneOfFew(() => verify(against, password));
  return right && passwordHash !== null;
}

/** What is wrong with a new password; null: nothing. */
export function passwordFault(password: string): string | null {
  if (password.length < shortestPassword) return `Use at least ${shortestPassword} characters; a few words in a row are good.`;
  if (password.length > longestPassword) return `Use at most ${longestPassword} characters.`;
  if (/^(.)\1+$/.test(password)) return "Use more than one character.";
  return null;
}
