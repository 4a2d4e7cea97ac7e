import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { getAccount } from "../../db/account.ts";
import { membershipsOf } from "../../db/accounts.ts";
import { isPlatformAdmin } from "../../db/platform.ts";
import { getTwoFactor } from "../../db/two-factor.ts";
import { AccountForm, CurrentCode, CurrentPassword, useErrors } from "../account/account-form.tsx";
import { changeTwoFactor } from "../account/change-two-factor.server.ts";
import { AccountFrame } from "../account/frame.tsx";
import { qrCode, type QrCode } from "../account/qr-code.server.ts";
import { checkOrigin, requireUser } from "../auth/require-member.server.ts";
import { keyUri } from "../auth/totp.server.ts";
import { CodeBlock } from "../components/code-block.tsx";
import { CopyButton } from "../components/copy-button.tsx";
import { Button, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { Toast } from "../components/toast.tsx";

export const meta: MetaFunction = () => [{ title: "Two-factor login · Energy Tracking" }];

/** The secret is shown only while it is being set up. */
export async function loader({ request }: LoaderFunctionArgs) {
  const { id, email } = await requireUser(request);
  const { hasTwoFactor, recoveryCodesLeft } = await getAccount(id);
  const factor = hasTwoFactor ? null : await getTwoFactor(id);
  const setUp = factor?.secret ? { secret: factor.secret, qr: qrCode(keyUri(factor.secret, email)) } : null;
  return { hasTwoFactor, recoveryCodesLeft, setUp, ...(await whoAsks(id)) };
}

/** The organizations that ask them for it, where they have none yet, and those that they may go to meanwhile. */
async function whoAsks(userId: string) {
  const memberships = await membershipsOf(userId);
  return {
    askedBy: memberships.filter((one) => one.lacksSecondFactor).map(({ organization }) => organization),
    open: memberships
      .filter((one) => !one.lacksSecondFactor)
      .map(({ organizationId, organization }) => ({ organizationId, organization })),
    isAskedByPlatform: await isPlatformAdmin(userId),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  checkOrigin(request);
  const { id } = await requireUser(request);
  return changeTwoFactor(request, id, context);
}

const said = "text-sm text-slate-600 dark:text-slate-300";

export default function TwoFactor() {
  const { hasTwoFactor, recoveryCodesLeft, setUp, ...asked } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <AccountFrame title="Two-factor login" back={{ to: "/account", label: "Back to your account" }}>
      {!hasTwoFactor && <Asked {...asked} />}
      {answer?.codes && <RecoveryCodes codes={answer.codes} />}
      {hasTwoFactor ? <SwitchedOn codesLeft={recoveryCodesLeft} /> : setUp ? <SetUp {...setUp} /> : <Begin />}
      <Toast shown={answer?.done ? answer : null} besideMenu={false}>
        {answer?.done ?? ""}
      </Toast>
    </AccountFrame>
  );
}

/** Why they were led here. */
function Asked({ askedBy, open, isAskedByPlatform }: Awaited<ReturnType<typeof whoAsks>>) {
  if (!askedBy.length && !isAskedByPlatform) return null;
  return (
    <Card>
      <CardTitle>You need it</CardTitle>
      {askedBy.length > 0 && (
        <p className={said} data-testid="asked-by">
          {askedBy.join(", ")} {askedBy.length === 1 ? "asks" : "ask"} every member for it: set it up below to go on.
        </p>
      )}
      {isAskedByPlatform && <p className={said}>Whoever runs this platform has it: /admin opens once it is on.</p>}
      {askedBy.length > 0 && open.length > 0 && (
        <Form method="post" action="/switch-organization" className="mt-4 flex flex-wrap gap-2">
          {open.map(({ organizationId, organization }) => (
            <Button key={organizationId} look="secondary" name="organization" value={organizationId}>
              Go to {organization}
            </Button>
          ))}
        </Form>
      )}
    </Card>
  );
}

function Begin() {
  return (
    <Card>
      <CardTitle>Switch it on</CardTitle>
      <p className={`mb-4 ${said}`}>
        You need an authenticator app on your phone, such as Aegis, 2FAS, Google or Microsoft Authenticator. From then
        on, logging in takes a code of it besides the password.
      </p>
      <AccountForm intent="begin" label="Begin">
        <CurrentPassword intent="begin" />
      </AccountForm>
    </Card>
  );
}

function SetUp({ secret, qr }: { secret: string; qr: QrCode }) {
  return (
    <Card>
      <CardTitle>Scan this with your app</CardTitle>
      <div className="flex flex-col gap-6 sm:flex-row">
        <svg
          viewBox={`0 0 ${qr.size} ${qr.size}`}
          role="img"
          aria-label="QR code for your authenticator app"
          className="h-56 w-56 shrink-0 rounded-xl border border-slate-200 bg-white dark:border-slate-700"
          shapeRendering="crispEdges"
        >
          <path d={qr.path} fill="#000000" />
        </svg>
        <div className="min-w-0 flex-1 space-y-4">
          <div>
            <p className={said}>Or type this key into it:</p>
            <p className="flex flex-wrap items-center gap-2">
              <code data-testid="secret" className="break-words font-mono text-sm font-semibold">
                {secret.match(/.{1,4}/g)!.join(" ")}
              </code>
              <CopyButton text={secret} label="the key" />
            </p>
          </div>
          <AccountForm intent="confirm" label="Switch it on">
            <TextField
              label="Code that the app shows"
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              maxLength={10}
              error={useErrors("confirm")["code"]}
            />
          </AccountForm>
        </div>
      </div>
    </Card>
  );
}

function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <Card className="border-emerald-300 dark:border-emerald-800">
      <CardTitle>Your recovery codes</CardTitle>
      <p className={`mb-4 ${said}`}>
        If your phone is lost, each of these lets you in once. Keep them where you find them without it: they are shown
        only now.
      </p>
      <CodeBlock code={codes.join("\n")} label="the recovery codes" />
    </Card>
  );
}

function SwitchedOn({ codesLeft }: { codesLeft: number }) {
  return (
    <>
      <Card>
        <CardTitle>New recovery codes</CardTitle>
        <p className={`mb-4 ${said}`}>{codesLeft} of 10 are left. New ones replace them all.</p>
        <AccountForm intent="codes" label="Make new codes" look="secondary">
          <CurrentPassword intent="codes" />
          <CurrentCode intent="codes" />
        </AccountForm>
      </Card>
      <Card className="border-rose-200 dark:border-rose-900">
        <CardTitle>Switch it off</CardTitle>
        <p className={`mb-4 ${said}`}>Logging in takes the password alone then. All other devices are logged out.</p>
        <AccountForm intent="off" label="Switch it off" look="danger">
          <CurrentPassword intent="off" />
          <CurrentCode intent="off" />
        </AccountForm>
      </Card>
    </>
  );
}
