import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { getAccount } from "../../db/account.ts";
import { sessionsOf } from "../../db/accounts.ts";
import { DeleteCard, EmailCard, PasswordCard, ProfileCard, TwoFactorCard } from "../account/cards.tsx";
import { changeAccount } from "../account/change-account.server.ts";
import { deviceWords } from "../account/device-words.ts";
import { AccountFrame } from "../account/frame.tsx";
import { SessionsCard } from "../account/sessions-card.tsx";
import { checkOrigin, requireUser } from "../auth/require-member.server.ts";
import { ownSessionHash } from "../auth/session.server.ts";
import { Toast } from "../components/toast.tsx";

export const meta: MetaFunction = () => [{ title: "Your account · Energy Tracking" }];

export async function loader({ request }: LoaderFunctionArgs) {
  const { id } = await requireUser(request);
  const { email, name, isVerified, pendingEmail, hasTwoFactor, recoveryCodesLeft } = await getAccount(id);
  const own = ownSessionHash(request);
  const sessions = (await sessionsOf(id)).map((session) => ({
    id: session.id,
    device: deviceWords(session.userAgent),
    address: session.address,
    createdMs: session.createdAt.getTime(),
    lastUsedMs: session.lastUsedAt.getTime(),
    isCurrent: session.id === own,
  }));
  const account = { email, name, isVerified, pendingEmail, hasTwoFactor, recoveryCodesLeft };
  return { account, sessions, nowMs: Date.now() };
}

export async function action({ request, context }: ActionFunctionArgs) {
  checkOrigin(request);
  const { id } = await requireUser(request);
  return changeAccount(request, id, context);
}

export default function Account() {
  const { account, sessions, nowMs } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <AccountFrame title="Your account" back={{ to: "/", label: "Back to your places" }}>
      <ProfileCard account={account} />
      <EmailCard account={account} />
      <PasswordCard email={account.email} />
      <TwoFactorCard account={account} />
      <SessionsCard sessions={sessions} nowMs={nowMs} />
      <DeleteCard hasTwoFactor={account.hasTwoFactor} />
      <Toast shown={answer?.done ? answer : null} besideMenu={false}>
        {answer?.done ?? ""}
      </Toast>
    </AccountFrame>
  );
}
