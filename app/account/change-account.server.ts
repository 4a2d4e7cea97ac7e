import { redirect, type AppLoadContext } from "@remix-run/node";
import { changePassword, deleteAccount, renameAccount } from "../../db/account.ts";
import { endOtherSessions, endOwnSession, findLogin } from "../../db/accounts.ts";
import { isEmail } from "../../domain/access/email.ts";
import { sendNewAddress, sendVerification } from "../auth/account-mail.server.ts";
import { identityFault } from "../auth/identity.server.ts";
import { noticeTo } from "../auth/notice.server.ts";
import { passwordFault } from "../auth/password-fault.server.ts";
import { hashPassword } from "../auth/password.server.ts";
import { forgetPages, ownSessionHash, startSession, stopSession } from "../auth/session.server.ts";
import { countMail, tooManyTries } from "../auth/throttle.server.ts";
import { answer, dispatch, refuse, type Answer, type Asked } from "./dispatch.server.ts";

const text = (form: FormData, name: string) => String(form.get(name) ?? "").trim();

async function rename({ account, intent, form }: Asked): Promise<Answer> {
  const name = text(form, "name");
  if (name.length > 100) return refuse(intent, { name: "Use at most 100 characters." });
  await renameAccount(account.id, name);
  return answer(intent, "Your name is saved");
}

/** Another mail with the link that confirms the address. */
async function verify({ account, intent, context }: Asked): Promise<Answer> {
  if (account.isVerified) return answer(intent, "Your address is confirmed already");
  const waitS = await countMail(account.email, context.address);
  if (waitS > 0) return refuse(intent, { form: tooManyTries(waitS) }, 429);
  await sendVerification(account, context.env);
  return answer(intent, "The link is on its way");
}

async function askForEmail({ account, intent, form, context }: Asked): Promise<Answer> {
  const email = text(form, "email").toLowerCase();
  if (!isEmail(email)) return refuse(intent, { email: "Write an e-mail address such as anna@example.org." });
  if (email === account.email) return refuse(intent, { email: "This is your address already." });
  const fault = await identityFault(account, form, context);
  if (fault) return refuse(intent, fault.errors, fault.status);
  const waitS = await countMail(email, context.address);
  if (waitS > 0) return refuse(intent, { form: tooManyTries(waitS) }, 429);
  await sendNewAddress(account, { email, isTaken: (await findLogin(email)) !== null }, context.env);
  return answer(intent, "Look into the mail of the new address");
}

async function setPassword({ account, intent, form, context, request }: Asked): Promise<Answer> {
  const password = String(form.get("password") ?? "");
  const wrong = passwordFault(password, [account.email, account.name]);
  if (wrong) return refuse(intent, { password: wrong });
  const fault = await identityFault(account, form, context);
  if (fault) return refuse(intent, fault.errors, fault.status);
  const notice = noticeTo(account.email, "password-changed", context.env);
  await changePassword(account.id, await hashPassword(password), notice);
  const headers = { "set-cookie": await startSession(request, account.id) };
  return answer(intent, "The password is changed", headers);
}

async function endSession({ account, intent, form }: Asked): Promise<Answer> {
  await endOwnSession(account.id, text(form, "session"));
  return answer(intent, "That device is logged out");
}

async function endOthers({ account, intent, request }: Asked): Promise<Answer> {
  await endOtherSessions(account.id, ownSessionHash(request) ?? "");
  return answer(intent, "All other devices are logged out");
}

async function remove({ account, intent, form, context, request }: Asked): Promise<Answer> {
  const fault = await identityFault(account, form, context, { withCode: true });
  if (fault) return refuse(intent, fault.errors, fault.status);
  const owned = await deleteAccount(account.id, noticeTo(account.email, "account-deleted", context.env));
  if (owned.length > 0) {
    const names = owned.map((name) => `“${name}”`).join(", ");
    const last = `You are the last owner of ${names}. Give it another owner or delete it first.`;
    return refuse(intent, { form: last }, 409);
  }
  throw redirect("/login", { headers: { ...forgetPages, "set-cookie": await stopSession(request) } });
}

const changes = {
  name: rename,
  verify,
  email: askForEmail,
  password: setPassword,
  session: endSession,
  "other-sessions": endOthers,
  delete: remove,
};

/** Does what a form of the account page asks for. */
export const changeAccount = (request: Request, userId: string, context: AppLoadContext) =>
  dispatch(changes, request, userId, context);
