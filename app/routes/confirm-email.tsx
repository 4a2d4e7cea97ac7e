import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { changeEmail } from "../../db/account.ts";
import { hashToken, tokenOwner } from "../../db/account-tokens.ts";
import { ConfirmForm, LinkExpired } from "../account/confirm-page.tsx";
import { noticeTo } from "../auth/notice.server.ts";
import { checkOrigin } from "../auth/require-member.server.ts";
import { notAvailable, startSession, userOf } from "../auth/session.server.ts";
import { DoorPage } from "../components/door-page.tsx";
import { buttonClass } from "../components/form.tsx";
import { readForm } from "../components/read-form.server.ts";

export const meta: MetaFunction = () => [{ title: "Confirm your new address · Energy Tracking" }];

export async function loader({ request }: LoaderFunctionArgs) {
  const token = new URL(request.url).searchParams.get("token") ?? "";
  const owner = await tokenOwner(hashToken(token), "change-email").catch(notAvailable);
  return owner ? { token, email: owner.email } : { token: null, email: null };
}

/** Ends all sessions; if this browser had one of that person, it gets a new one. */
export async function action({ request, context }: ActionFunctionArgs) {
  checkOrigin(request);
  const form = await readForm(request);
  const user = await userOf(request);
  const changed = await changeEmail(hashToken(String(form.get("token") ?? "")), (oldEmail) =>
    noticeTo(oldEmail, "email-changed", context.env),
  );
  if (!changed.ok) return data({ email: null }, { status: 410 });
  const isOwn = user?.id === changed.userId;
  return data(
    { email: changed.email },
    isOwn ? { headers: { "set-cookie": await startSession(request, changed.userId) } } : {},
  );
}

export default function ConfirmEmail() {
  const { token, email } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  if (answer?.email) {
    return (
      <DoorPage title="Your address is changed" subtitle={`From now on, log in with ${answer.email}.`}>
        <Link to="/account" className={buttonClass()}>
          To your account
        </Link>
      </DoorPage>
    );
  }
  if (!token || answer) return <LinkExpired hours={24} to="/account" label="To your account" />;
  return (
    <DoorPage title="Confirm your new address" subtitle={`Shall your account use ${email} from now on?`}>
      <ConfirmForm token={token} label="Yes, use it" />
    </DoorPage>
  );
}
