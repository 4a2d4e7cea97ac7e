import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useLocation, useNavigation } from "@remix-run/react";
import { acceptInvitation, openInvitation, signUpInvited } from "../../db/invitations.ts";
import { QuotaExceeded } from "../../db/quota-exceeded.ts";
import { roleWords } from "../../domain/access/membership.ts";
import type { Environment } from "../../platform/env.ts";
import { rememberOrganization } from "../auth/chosen-organization.server.ts";
import { passwordFault } from "../auth/password-fault.server.ts";
import { hashPassword } from "../auth/password.server.ts";
import { checkOrigin } from "../auth/require-member.server.ts";
import { hashSecret, isSecret } from "../auth/secret-link.server.ts";
import { notAvailable, startSession, userOf } from "../auth/session.server.ts";
import { countSignUp, waitInWords } from "../auth/throttle.server.ts";
import { Button, FormError, TextField, buttonClass, useFocusOnError } from "../components/form.tsx";
import { DoorPage } from "../components/door-page.tsx";
import { readForm } from "../components/read-form.server.ts";
import { roleNames } from "../organization/role-names.ts";

export const meta: MetaFunction = () => [{ title: "An invitation · Energy Tracking" }];

async function invitationOf(token: string | undefined) {
  return isSecret(token) ? openInvitation(hashSecret(token)).catch(notAvailable) : null;
}

/** Whether the installation lets somebody make an account by an invitation into an organization. */
const mayMakeAccount = (env: Environment) => env.SIGNUP !== "closed";

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const [invitation, user] = [await invitationOf(params["token"]), await userOf(request)];
  if (!invitation) return data({ invitation: null, signedInAs: null, mayMakeAccount: false }, { status: 404 });
  const { organization, email, role, siteIds, invitedBy, hasAccount } = invitation;
  return data({
    invitation: { organization, email, role, isLimited: siteIds !== null, invitedBy, hasAccount },
    signedInAs: user?.email ?? null,
    mayMakeAccount: mayMakeAccount(context.env),
  });
}

interface Answer {
  errors: { name?: string | undefined; password?: string | undefined; form?: string };
  name?: string;
}

const refused = (answer: Answer, status = 400) => data<Answer>(answer, { status });
const gone = "This invitation is of no use any more: it was taken, revoked or has run out.";

const full = "The organization has no room for another member in its plan: tell who invited you.";

/** The plan may have become smaller since they were invited. */
export const action = (args: ActionFunctionArgs) =>
  take(args).catch((error: unknown) => {
    if (error instanceof QuotaExceeded) return refused({ errors: { form: full } }, 409);
    throw error;
  });

async function take({ request, params, context }: ActionFunctionArgs) {
  checkOrigin(request);
  const invitation = await invitationOf(params["token"]);
  if (!invitation) return refused({ errors: { form: gone } }, 404);
  const hash = hashSecret(params["token"]!);
  const form = await readForm(request);
  const user = await userOf(request);
  if (form.get("intent") === "accept") {
    const organizationId = user && (await acceptInvitation(user.id, hash));
    if (!organizationId) return refused({ errors: { form: `Log in as ${invitation.email} to take it.` } }, 409);
    throw redirect("/", { headers: { "set-cookie": rememberOrganization(organizationId) } });
  }
  if (!mayMakeAccount(context.env)) throw new Response("Sign-up is closed", { status: 403 });
  return makeAccount(request, { form, hash, address: context.address, email: invitation.email });
}

/** The mail came to the address, so it is proved; nothing else has to be filled in. */
async function makeAccount(request: Request, given: { form: FormData; hash: string; address: string; email: string }) {
  const name = String(given.form.get("name") ?? "").trim();
  const password = String(given.form.get("password") ?? "");
  const errors: Answer["errors"] = {
    name: name.length <= 100 ? undefined : "At most 100 characters.",
    password: passwordFault(password, [given.email, name]) ?? undefined,
  };
  if (errors.name || errors.password) return refused({ errors, name });
  const waitS = await countSignUp(given.address).catch(notAvailable);
  if (waitS > 0) {
    const form = `Too many accounts from here. Wait ${waitInWords(waitS)}, then try again.`;
    return refused({ errors: { form }, name }, 429);
  }
  const made = await signUpInvited(given.hash, { name, passwordHash: await hashPassword(password) });
  if (!made.ok) {
    const form = made.reason === "email-taken" ? "There is an account with this address: log in with it." : gone;
    return refused({ errors: { form }, name }, 409);
  }
  const headers = new Headers({ "set-cookie": await startSession(request, made.userId) });
  headers.append("set-cookie", rememberOrganization(made.organizationId));
  throw redirect("/", { headers });
}

export default function Invitation() {
  const { invitation, signedInAs, mayMakeAccount } = useLoaderData<typeof loader>();
  if (!invitation) {
    return (
      <DoorPage title="Nothing to take here">
        <p className="text-slate-600 dark:text-slate-300">{gone} Ask whoever invited you for a new one.</p>
      </DoorPage>
    );
  }
  const { organization, email, role, isLimited, invitedBy, hasAccount } = invitation;
  return (
    <DoorPage
      title={organization}
      subtitle={
        <>
          {invitedBy ?? "Somebody"} invites you, <span className="font-medium">{email}</span>, as{" "}
          {roleNames[role].toLowerCase()}: {roleWords[role]}
          {isLimited && ", at some of its places"}.
        </>
      }
    >
      {signedInAs === email ? (
        <Accept />
      ) : signedInAs ? (
        <Other email={email} signedInAs={signedInAs} />
      ) : hasAccount ? (
        <LogIn email={email} />
      ) : mayMakeAccount ? (
        <MakeAccount email={email} />
      ) : (
        <p>New accounts are not made here. Ask the people who run this installation.</p>
      )}
    </DoorPage>
  );
}

function Accept() {
  const answer = useActionData<Answer>();
  const isBusy = useNavigation().state !== "idle";
  return (
    <Form method="post" className="space-y-5">
      <FormError>{answer?.errors.form}</FormError>
      <Button className="w-full" name="intent" value="accept" disabled={isBusy}>
        Take the invitation
      </Button>
    </Form>
  );
}

function Other({ email, signedInAs }: { email: string; signedInAs: string }) {
  return (
    <div className="space-y-4">
      <p>
        You are logged in as {signedInAs}. Log out, then open the link again to take it as {email}.
      </p>
      <Form method="post" action="/logout">
        <Button look="secondary">Log out</Button>
      </Form>
    </div>
  );
}

function LogIn({ email }: { email: string }) {
  const answer = useActionData<Answer>();
  const { pathname } = useLocation();
  return (
    <div className="space-y-4">
      <FormError>{answer?.errors.form}</FormError>
      <p>There is an account of {email} here: log in with it, and you are back on this page.</p>
      <Link to={`/login?next=${encodeURIComponent(pathname)}`} className={`${buttonClass()} w-full`}>
        Log in
      </Link>
    </div>
  );
}

function MakeAccount({ email }: { email: string }) {
  const answer = useActionData<Answer>();
  const isBusy = useNavigation().state !== "idle";
  useFocusOnError(answer);
  return (
    <Form method="post" className="space-y-5" noValidate>
      <FormError>{answer?.errors.form}</FormError>
      <TextField label="E-mail address" type="email" value={email} readOnly autoComplete="username" />
      <TextField
        label="Your name"
        name="name"
        autoComplete="name"
        maxLength={100}
        defaultValue={answer?.name}
        error={answer?.errors.name}
        hint="So that the others know who you are."
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        error={answer?.errors.password}
        hint="At least 10 characters; a few words in a row are good."
      />
      <Button className="w-full" name="intent" value="sign-up" disabled={isBusy}>
        Make the account
      </Button>
    </Form>
  );
}
