import { data, type AppLoadContext } from "@remix-run/node";
import { getAccount, type Account } from "../../db/account.ts";
import { readForm } from "../components/read-form.server.ts";
import type { AccountAnswer } from "./answer.ts";

/** Whose form it is, and what it says. */
export interface Asked {
  request: Request;
  context: AppLoadContext;
  account: Account;
  intent: string;
  form: FormData;
}

export const refuse = (intent: string, errors: AccountAnswer["errors"], status = 400) =>
  data<AccountAnswer>({ intent, errors, done: null }, { status });

export const answer = (intent: string, done: string, headers: HeadersInit = {}) =>
  data<AccountAnswer>({ intent, errors: {}, done }, { headers });

export type Answer = ReturnType<typeof refuse>;

/** Gives a form to what does its `intent`. @throws Response 400 for a form that the page does not have. */
export async function dispatch(
  changes: Record<string, (asked: Asked) => Promise<Answer>>,
  request: Request,
  userId: string,
  context: AppLoadContext,
): Promise<Answer> {
  const form = await readForm(request);
  const intent = String(form.get("intent") ?? "");
  const change = Object.hasOwn(changes, intent) ? changes[intent] : undefined;
  if (!change) throw new Response("No such form", { status: 400 });
  return change({ request, context, account: await getAccount(userId), intent, form });
}
