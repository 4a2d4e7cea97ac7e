import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { verifyEmail } from "../../db/account.ts";
import { hashToken, tokenOwner } from "../../db/account-tokens.ts";
import { ConfirmForm, LinkExpired } from "../account/confirm-page.tsx";
import { checkOrigin } from "../auth/require-member.server.ts";
import { notAvailable } from "../auth/session.server.ts";
import { DoorPage } from "../components/door-page.tsx";
import { buttonClass } from "../components/form.tsx";
import { readForm } from "../components/read-form.server.ts";

export const meta: MetaFunction = () => [{ title: "Confirm your address · Energy Tracking" }];

export async function loader({ request }: LoaderFunctionArgs) {
  const token = new URL(request.url).searchParams.get("token") ?? "";
  const owner = await tokenOwner(hashToken(token), "verify-email").catch(notAvailable);
  return owner ? { token, email: owner.email } : { token: null, email: null };
}

/** By a button: programs that look into mail open links, and must not confirm anything. */
export async function action({ request }: ActionFunctionArgs) {
  checkOrigin(request);
  const form = await readForm(request);
  const isDone = await verifyEmail(hashToken(String(form.get("token") ?? ""))).catch(notAvailable);
  return data({ isDone }, { status: isDone ? 200 : 410 });
}

export default function VerifyEmail() {
  const { token, email } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  if (answer?.isDone) {
    return (
      <DoorPage title="Your address is confirmed" subtitle="Thank you.">
        <Link to="/" className={buttonClass()}>
          Go on
        </Link>
      </DoorPage>
    );
  }
  if (!token || answer) return <LinkExpired hours={24} to="/account" label="To your account" />;
  return (
    <DoorPage title="Confirm your address" subtitle={`Is ${email} your address?`}>
      <ConfirmForm token={token} label="Yes, confirm it" />
    </DoorPage>
  );
}
