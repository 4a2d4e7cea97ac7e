import {
  data,
  redirect,
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
} from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { getAccount } from "../../db/account.ts";
import { identify } from "../../db/actor.ts";
import { recordAtDoor } from "../../db/audit.ts";
import { endSecondFactor, halfLoggedIn } from "../auth/half-login.server.ts";
import { checkOrigin, ownPath } from "../auth/require-member.server.ts";
import { secondFactorFault } from "../auth/second-factor.server.ts";
import { notAvailable, startSession } from "../auth/session.server.ts";
import { DoorPage } from "../components/door-page.tsx";
import { Button, TextField, textLink, useFocusOnError } from "../components/form.tsx";
import { readForm } from "../components/read-form.server.ts";

export const meta: MetaFunction = () => [{ title: "Log in · Energy Tracking" }];

/** Who came here without a right password, or too long ago, begins anew. */
async function requireHalf(request: Request): Promise<string> {
  const userId = await halfLoggedIn(request).catch(notAvailable);
  if (!userId) throw redirect("/login");
  return userId;
}

export async function loader({ request }: LoaderFunctionArgs) {
  await requireHalf(request);
  return { next: ownPath(new URL(request.url).searchParams.get("next")) };
}

export async function action({ request, context }: ActionFunctionArgs) {
  checkOrigin(request);
  const userId = await requireHalf(request);
  const form = await readForm(request);
  const user = await getAccount(userId);
  const typed = String(form.get("code") ?? "");
  identify({ id: userId });
  const fault = await secondFactorFault({ user, typed, env: context.env, address: context.address });
  if (fault) {
    await recordAtDoor("sign-in-failed", { userId, email: user?.email ?? "" });
    const { text, waitS } = fault;
    return waitS > 0
      ? data({ error: text }, { status: 429, headers: { "retry-after": String(waitS) } })
      : data({ error: text }, { status: 400 });
  }
  const blank = await endSecondFactor(request, userId);
  if (blank === false) throw redirect("/login");
  await recordAtDoor("signed-in", { userId, email: user?.email ?? "" });
  const headers = new Headers([
    ["set-cookie", blank],
    ["set-cookie", await startSession(request, userId)],
  ]);
  throw redirect(ownPath(String(form.get("next") ?? "")), { headers });
}

/** What the answer to the form says of itself goes to the browser also where no script asked. */
export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

export default function LoginCode() {
  const { next } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const isBusy = useNavigation().state !== "idle";
  useFocusOnError(answer);
  return (
    <DoorPage title="Your code" subtitle="Open your authenticator app and type the six digits it shows.">
      <Form method="post" className="space-y-4" noValidate>
        <input type="hidden" name="next" value={next} />
        <TextField
          label="Code"
          name="code"
          autoComplete="one-time-code"
          autoFocus
          required
          maxLength={60}
          error={answer?.error}
          hint="Without the app, use one of your recovery codes."
        />
        <Button className="w-full" disabled={isBusy}>
          {isBusy ? "Logging in …" : "Log in"}
        </Button>
        <p className="text-center text-sm">
          <Link to="/login" className={textLink}>
            Begin again
          </Link>
        </p>
      </Form>
    </DoorPage>
  );
}
