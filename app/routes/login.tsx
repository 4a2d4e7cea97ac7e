import {
  data,
  redirect,
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
} from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { findLogin } from "../../db/accounts.ts";
import { EmailField } from "../account/fields.tsx";
import { confirmsFirst, sendVerification } from "../auth/account-mail.server.ts";
import { identify } from "../../db/actor.ts";
import { recordAtDoor } from "../../db/audit.ts";
import { isPassword } from "../auth/password.server.ts";
import { checkOrigin, ownPath } from "../auth/require-member.server.ts";
import { beginSecondFactor } from "../auth/half-login.server.ts";
import { notAvailable, startSession, userOf } from "../auth/session.server.ts";
import { countMail, countTry, forgive, tooManyTries } from "../auth/throttle.server.ts";
import { Button, FormError, TextField, textLink } from "../components/form.tsx";
import { DoorPage } from "../components/door-page.tsx";
import { readForm } from "../components/read-form.server.ts";

export const meta: MetaFunction = () => [{ title: "Log in · Energy Tracking" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const next = ownPath(new URL(request.url).searchParams.get("next"));
  if (await userOf(request)) throw redirect(next);
  return { next, canSignUp: context.env.SIGNUP === "open" };
}

export async function action({ request, context }: ActionFunctionArgs) {
  checkOrigin(request);
  const form = await readForm(request);
  const email = String(form.get("email") ?? "").trim();
  const password = String(form.get("password") ?? "");
  const waitS = await countTry(email, context.address).catch(notAvailable);
  if (waitS > 0) {
    return data({ email, error: tooManyTries(waitS) }, { status: 429, headers: { "retry-after": String(waitS) } });
  }
  const login = await findLogin(email);
  if (!(await isPassword(password, login?.passwordHash ?? null)) || !login) {
    await recordAtDoor("sign-in-failed", { userId: login?.id ?? null, email: email.slice(0, 254) });
    return data({ email, error: "This e-mail address and password do not go together." }, { status: 400 });
  }
  await forgive(email, context.address);
  const next = ownPath(String(form.get("next") ?? ""));
  identify({ id: login.id });
  if (!login.isVerified && confirmsFirst(context.env)) {
    const person = { id: login.id, email: email.toLowerCase() };
    if ((await countMail(email, context.address)) === 0) await sendVerification(person, context.env);
    const error = "This address is not confirmed yet. Open the link that we have sent to it, then log in.";
    return data({ email, error }, { status: 403 });
  }
  if (login.hasTwoFactor) {
    const setCookie = await beginSecondFactor(request, login.id);
    throw redirect(`/login/code?next=${encodeURIComponent(next)}`, { headers: { "set-cookie": setCookie } });
  }
  await recordAtDoor("signed-in", { userId: login.id, email });
  throw redirect(next, { headers: { "set-cookie": await startSession(request, login.id) } });
}

/** What the answer to the form says of itself goes to the browser also where no script asked. */
export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

export default function Login() {
  const { next, canSignUp } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const isBusy = useNavigation().state !== "idle";
  return (
    <DoorPage title="Log in">
      <Form method="post" className="space-y-4">
        <FormError>{answer?.error}</FormError>
        <input type="hidden" name="next" value={next} />
        <EmailField defaultValue={answer?.email} />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
        <Button className="w-full" disabled={isBusy}>
          {isBusy ? "Logging in …" : "Log in"}
        </Button>
        <p className="text-center text-sm">
          <Link to="/forgot-password" className={textLink}>
            Forgot your password?
          </Link>
        </p>
      </Form>
      {canSignUp && (
        <p className="mt-2 text-center text-sm text-slate-600 dark:text-slate-300">
          New here?{" "}
          <Link to="/signup" className={textLink}>
            Make an account
          </Link>
        </p>
      )}
    </DoorPage>
  );
}
