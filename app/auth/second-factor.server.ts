import { getTwoFactor, takeRecoveryCode, takeStep } from "../../db/two-factor.ts";
import type { Environment } from "../../platform/env.ts";
import { noticeTo } from "./notice.server.ts";
import { hashRecoveryCode } from "./recovery-codes.server.ts";
import { countTry, forgive, tooManyTries } from "./throttle.server.ts";
import { stepOf } from "./totp.server.ts";

interface Tried {
  user: { id: string; email: string };
  /** A code of the app, or a recovery code. */
  typed: string;
  env: Environment;
  address: string;
}

/** null: it is right, and used up. Else what is wrong, and how long the next try must wait. */
export type Fault = { text: string; waitS: number } | null;

/** The tries of codes are counted apart from those of passwords: a right password must not give new tries of codes. */
const doorOf = (userId: string) => `second factor ${userId}`;

/** Whether a person has their second factor at hand. Slowed down as logins are. */
export async function secondFactorFault({ user, typed, env, address }: Tried): Promise<Fault> {
  const waitS = await countTry(doorOf(user.id), address);
  if (waitS > 0) return { text: tooManyTries(waitS), waitS };
  const code = typed.replace(/\s/g, "");
  const isRight = /^\d{6}$/.test(code)
    ? await isCode(user.id, code)
    : await takeRecoveryCode(user.id, hashRecoveryCode(typed), noticeTo(user.email, "recovery-code-used", env));
  if (!isRight) {
    return { text: "This code is not right, or was used already. Wait for the next one of your app.", waitS: 0 };
  }
  await forgive(doorOf(user.id), address);
  return null;
}

async function isCode(userId: string, code: string): Promise<boolean> {
  const factor = await getTwoFactor(userId);
  const step = factor?.secret ? stepOf(factor.secret, code, Date.now()) : null;
  return step !== null && takeStep(userId, step);
}
