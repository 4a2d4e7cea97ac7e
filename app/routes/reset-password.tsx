import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { resetPassword } from "../../db/account.ts";
import { hashToken, tokenOwner } from "../../db/account-tokens.ts";
import { NewPasswordField } from "../account/fields.tsx";
import { noticeTo } from "../auth/notice.server.ts";
import { passwordFault } from "../auth/password-fault.server.ts";
import { hashPassword } from "../auth/password.server.ts";
import { checkOrigin } from "../auth/require-member.server.ts";
import { notAvailable } from "../auth/session.server.ts";
import { DoorPage } from "../components/door-page.tsx";
import { countWrongLink, tooManyTries } from "../auth/throttle.server.ts";
import { Button, buttonClass, useFocusOnError } from "../components/form.tsx";
import { readForm } from "../components/read-form.server.ts";

export const meta: MetaFunction = () => [{ title: "New password · Energy Tracking" }];

export async function loader({ request }: LoaderFunctionArgs) {
  const token = new URL(request.url).searchParams.get("token") ?? "";
  const owner = await tokenOwner(hashToken(token), "reset-password").catch(notAvailable);
  return owner ? { token, email: owner.email } : { token: null, email: null };
}

export async function action({ request, context }: ActionFunctionArgs) {
  checkOrigin(request);
  const form = await readForm(request);
  const hash = hashToken(String(form.get("token") ?? ""));
  // Before the password is hashed: that is no work for who has no link.
  const owner = await tokenOwner(hash, "reset-password").catch(notAvailable);
  if (!owner) {
    const waitS = await countWrongLink(context.address).catch(notAvailable);
    if (waitS > 0) throw new Response(tooManyTries(waitS), { status: 429, headers: { "retry-after": String(waitS) } });
    return data({ error: null, state: "expired" as const }, { status: 410 });
  }
  const password = String(form.get("password") ?? "");
  const error = passwordFault(password, [owner.email ?? ""]);
  if (error) return data({ error, state: "again" as const }, { status: 400 });
  const isSet = await resetPassword(hash, await hashPassword(password), (email) =>
    noticeTo(email, "password-changed", context.env),
  );
  return isSet
    ? data({ error: null, state: "set" as const })
    : data({ error: null, state: "expired" as const }, { status: 410 });
}

export default function ResetPassword() {
  const { token, email } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const isBusy = useNavigation().state !== "idle";
  useFocusOnError(answer);
  if (answer?.state === "set") return <Done />;
  if (!token || answer?.state === "expired") return <Expired />;
  return (
    <DoorPage title="Choose a new password" subtitle={`For ${email}. All devices are logged out.`}>
      <Form method="post" className="space-y-4" noValidate>
        <input type="hidden" name="token" value={token} />
        <input type="hidden" name="username" autoComplete="username" value={email ?? ""} />
        <NewPasswordField error={answer?.error ?? undefined} />
        <Button className="w-full" disabled={isBusy}>
          {isBusy ? "Setting it …" : "Set the password"}
        </Button>
      </Form>
    </DoorPage>
  );
}

function Done() {
  return (
    <DoorPage title="The password is set" subtitle="Log in with it.">
      <Link to="/login" className={buttonClass()}>
        Log in
      </Link>
    </DoorPage>
  );
}

function Expired() {
  return (
    <DoorPage title="This link does not work" subtitle="It was used already, or is more than an hour old.">
      <Link to="/forgot-password" className={buttonClass()}>
        Ask for a new one
      </Link>
    </DoorPage>
  );
}
