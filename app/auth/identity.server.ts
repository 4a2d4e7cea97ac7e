import type { AppLoadContext } from "@remix-run/node";
import type { Account } from "../../db/account.ts";
import { isPassword } from "./password.server.ts";
import { secondFactorFault } from "./second-factor.server.ts";
import { countTry, forgive, tooManyTries } from "./throttle.server.ts";

/** What is wrong, beside the fields `current` (the password) and `code`, and the status that goes with it. */
export interface IdentityFault {
  errors: { form?: string; current?: string; code?: string };
  status: 400 | 429;
}

/**
 * Asks once more who somebody is, before what could lock the owner of an account out: a session may be somebody else's, at a
 * machine left open. The password, and where `withCode` and two-factor login is on, a code too. null: it is them.
 * Slowed down as logins are.
 */
export async function identityFault(
  account: Account,
  form: FormData,
  { env, address }: Pick<AppLoadContext, "env" | "address">,
  { withCode = false } = {},
): Promise<IdentityFault | null> {
  // Counted apart from logins: who tries those from outside must not keep the owner from changing the password.
  const door = `identity ${account.id}`;
  const waitS = await countTry(door, address);
  if (waitS > 0) return { errors: { form: tooManyTries(waitS) }, status: 429 };
  if (!(await isPassword(String(form.get("current") ?? ""), account.passwordHash)))
    return { errors: { current: "This is not your password." }, status: 400 };
  await forgive(door, address);
  if (!withCode || !account.hasTwoFactor) return null;
  const fault = await secondFactorFault({ user: account, typed: String(form.get("code") ?? ""), env, address });
  return fault && { errors: { code: fault.text }, status: fault.waitS > 0 ? 429 : 400 };
}
