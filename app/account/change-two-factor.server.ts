import { data, type AppLoadContext } from "@remix-run/node";
import {
  beginTwoFactor,
  confirmTwoFactor,
  getTwoFactor,
  removeTwoFactor,
  replaceRecoveryCodes,
} from "../../db/two-factor.ts";
import { identityFault } from "../auth/identity.server.ts";
import { noticeTo } from "../auth/notice.server.ts";
import { makeRecoveryCodes } from "../auth/recovery-codes.server.ts";
import { startSession } from "../auth/session.server.ts";
import { countTry, forgive, tooManyTries } from "../auth/throttle.server.ts";
import { newSecret, stepOf } from "../auth/totp.server.ts";
import type { AccountAnswer } from "./answer.ts";
import { answer, dispatch, refuse, type Answer, type Asked } from "./dispatch.server.ts";

async function begin({ account, intent, form, context }: Asked): Promise<Answer> {
  if (account.hasTwoFactor) return refuse(intent, { form: "Two-factor login is on already." }, 409);
  const fault = await identityFault(account, form, context);
  if (fault) return refuse(intent, fault.errors, fault.status);
  await beginTwoFactor(account.id, newSecret());
  return answer(intent, "Scan the code with your app");
}

async function confirm({ account, intent, form, context, request }: Asked): Promise<Answer> {
  const factor = await getTwoFactor(account.id);
  if (!factor?.secret || factor.isConfirmed)
    return refuse(intent, { form: "Begin again: there is nothing to switch on." }, 409);
  const door = `set up ${account.id}`;
  const waitS = await countTry(door, context.address);
  if (waitS > 0) return refuse(intent, { code: tooManyTries(waitS) }, 429);
  const step = stepOf(factor.secret, String(form.get("code") ?? "").replace(/\s/g, ""), Date.now());
  const wrong = {
    code: "This code is not right. Type the one that the app shows now; if that does not help, set the clock of your phone.",
  };
  if (step === null) return refuse(intent, wrong);
  const { codes, hashes } = makeRecoveryCodes();
  const notice = noticeTo(account.email, "two-factor-on", context.env);
  if (!(await confirmTwoFactor(account.id, { step, codeHashes: hashes, notice }))) return refuse(intent, wrong);
  await forgive(door, context.address);
  const headers = { "set-cookie": await startSession(request, account.id) };
  return data<AccountAnswer>({ intent, errors: {}, done: "Two-factor login is on", codes }, { headers });
}

async function newCodes({ account, intent, form, context }: Asked): Promise<Answer> {
  if (!account.hasTwoFactor) return refuse(intent, { form: "Two-factor login is off." }, 409);
  const fault = await identityFault(account, form, context, { withCode: true });
  if (fault) return refuse(intent, fault.errors, fault.status);
  const { codes, hashes } = makeRecoveryCodes();
  await replaceRecoveryCodes(account.id, hashes, noticeTo(account.email, "recovery-codes-new", context.env));
  return data<AccountAnswer>({ intent, errors: {}, done: "The old codes no longer work", codes });
}

async function switchOff({ account, intent, form, context, request }: Asked): Promise<Answer> {
  if (!account.hasTwoFactor) return refuse(intent, { form: "Two-factor login is off already." }, 409);
  const fault = await identityFault(account, form, context, { withCode: true });
  if (fault) return refuse(intent, fault.errors, fault.status);
  await removeTwoFactor(account.id, noticeTo(account.email, "two-factor-off", context.env));
  return answer(intent, "Two-factor login is off", { "set-cookie": await startSession(request, account.id) });
}

const changes = { begin, confirm, codes: newCodes, off: switchOff };

/** Does what a form of the two-factor page asks for. */
export const changeTwoFactor = (request: Request, userId: string, context: AppLoadContext) =>
  dispatch(changes, request, userId, context);
