import { mailToken } from "../../db/account.ts";
import { makeToken, type TokenPurpose } from "../../db/account-tokens.ts";
import type { Mail } from "../../domain/mail/templates.ts";
import { publicUrl, type Environment } from "../../platform/env.ts";
import { noticeTo } from "./notice.server.ts";

const linkHours = 24;

/**
 * Where mail is really sent, an account begins with its confirmed address: nobody gets in before, and the sign-up page says the
 * same for every address. Where it is not, as on a machine at home, no address can be confirmed, and whoever signs up is in.
 */
export const confirmsFirst = (env: Environment): boolean => Boolean(env.RESEND_API_KEY);

interface Person {
  id: string;
  email: string;
}

/** Mails the link that confirms an account's address. */
export async function sendVerification({ id, email }: Person, env: Environment): Promise<void> {
  const { token, url } = makeLink("verify-email", email, "/verify-email", env);
  await mailToken(id, token, [{ to: email, template: "verify-email", data: { url, hours: linkHours } }]);
}

/**
 * Mails the link that gives an account another address, and tells the old one. Where the wanted one is another account's, its
 * owner is told instead, and who asked sees no difference.
 */
export async function sendNewAddress(
  user: Person,
  wanted: { email: string; isTaken: boolean },
  env: Environment,
): Promise<void> {
  const { token, url } = makeLink("change-email", wanted.email, "/confirm-email", env);
  const confirm: Mail = { to: wanted.email, template: "confirm-new-email", data: { url, hours: linkHours } };
  await mailToken(user.id, token, [
    wanted.isTaken ? accountExists(wanted.email, env) : confirm,
    noticeTo(user.email, "email-change-asked", env),
  ]);
}

/** For who has an account already, when somebody signs up with their address. */
export function accountExists(email: string, env: Environment): Mail {
  const home = publicUrl(env);
  return {
    to: email,
    template: "account-exists",
    data: { loginUrl: `${home}/login`, resetUrl: `${home}/forgot-password` },
  };
}

function makeLink(purpose: TokenPurpose, email: string, path: string, env: Environment) {
  const { token, hash } = makeToken();
  const expiresAt = new Date(Date.now() + linkHours * 3_600_000);
  return { token: { hash, purpose, email, expiresAt }, url: `${publicUrl(env)}${path}?token=${token}` };
}
