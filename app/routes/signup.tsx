import { createHash } from "node:crypto";
import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { markVerified } from "../../db/account.ts";
import { openInvitation, signUp, type SignUp as NewAccount } from "../../db/accounts.ts";
import { asNobody } from "../../db/as-user.ts";
import { enqueueMail } from "../../db/mail.ts";
import { isEmail } from "../../domain/access/email.ts";
import type { Environment } from "../../platform/env.ts";
import { EmailField, NewPasswordField } from "../account/fields.tsx";
import { accountExists, confirmsFirst, sendVerification } from "../auth/account-mail.server.ts";
import { passwordFault } from "../auth/password-fault.server.ts";
import { hashPassword } from "../auth/password.server.ts";
import { checkOrigin } from "../auth/require-member.server.ts";
import { notAvailable, startSession, userOf } from "../auth/session.server.ts";
import { atEvenTime } from "../auth/even-time.server.ts";
import { countMail, countSignUp, waitInWords } from "../auth/throttle.server.ts";
import { Button, FormError, TextField, textLink, useFocusOnError } from "../components/form.tsx";
import { DoorPage } from "../components/door-page.tsx";
import { readForm } from "../components/read-form.server.ts";
import { SiteFields } from "../components/site-form.tsx";
import { currencyCodes, readSite, zoneNames } from "../overview/site-values.server.ts";

export const meta: MetaFunction = () => [{ title: "Make an account · Energy Tracking" }];

const hashed = (token: string) => createHash("sha256").update(token).digest("hex");

/** How the door stands: SIGNUP open, by invitation, or closed. */
async function door(request: Request, signup: "open" | "invite" | "closed") {
  const token = new URL(request.url).searchParams.get("invite");
  const invitation = token ? await openInvitation(hashed(token)) : null;
  const isOpen = signup === "open" || (signup === "invite" && invitation !== null);
  return { isOpen, signup, token: invitation ? token : null, email: invitation?.email ?? "" };
}

export async function loader({ request, context }: LoaderFunctionArgs) {
  if (await userOf(request)) throw redirect("/");
  return { ...(await door(request, context.env.SIGNUP)), zones: zoneNames(), currencies: currencyCodes() };
}

export async function action({ request, context }: ActionFunctionArgs) {
  checkOrigin(request);
  const { isOpen, token } = await door(request, context.env.SIGNUP);
  if (!isOpen) throw new Response("Sign-up is not open", { status: 403 });
  const form = await readForm(request);
  const email = String(form.get("email") ?? "")
    .trim()
    .toLowerCase();
  const password = String(form.get("password") ?? "");
  const organization = String(form.get("organization") ?? "").trim();
  const { values, errors: siteErrors, site } = readSite(form);
  const errors: Record<string, string | undefined> = { ...siteErrors, ...accountErrors(email, password, organization) };
  const again = (status: number) =>
    data({ values: { ...values, email, organization }, errors, sentTo: null }, { status });
  const lookIntoMail = () => data({ values: null, errors: null, sentTo: email });
  if (!site || Object.values(errors).some(Boolean)) return again(400);
  // An invitation was mailed, or handed over by who vouches for the address.
  const isVouchedFor = token !== null;
  const mustConfirm = !isVouchedFor && confirmsFirst(context.env);
  const waitS =
    (await countSignUp(context.address).catch(notAvailable)) ||
    (mustConfirm ? await countMail(email, context.address) : 0);
  if (waitS > 0) {
    errors["form"] = `Too many accounts from here. Wait ${waitInWords(waitS)}, then try again.`;
    return again(429);
  }
  const person = {
    ...{ email, passwordHash: await hashPassword(password), site },
    organization: organization || email.split("@")[0]!,
    invitationHash: token ? hashed(token) : null,
  };
  if (mustConfirm) {
    await atEvenTime(() => signUpByMail(person, context.env));
    return lookIntoMail();
  }
  const made = await signUp(person);
  if (!made.ok) {
    if (made.reason === "email-taken")
      errors["email"] = "There is an account with this address already. Log in instead.";
    else errors["form"] = "This invitation is for another address, or was used already.";
    return again(400);
  }
  if (isVouchedFor) await markVerified(made.userId);
  else await sendVerification({ id: made.userId, email }, context.env);
  throw redirect(`/sites/${made.siteId}`, { headers: { "set-cookie": await startSession(request, made.userId) } });
}

/** Whoever reads the mail learns whether there was an account already; nobody else does. */
async function signUpByMail(person: NewAccount, env: Environment): Promise<void> {
  const made = await signUp(person);
  if (made.ok) await sendVerification({ id: made.userId, email: person.email }, env);
  else await enqueueMail(asNobody(), accountExists(person.email, env));
}

function accountErrors(email: string, password: string, organization: string) {
  return {
    email: isEmail(email) ? undefined : "Write an e-mail address such as anna@example.org.",
    password: passwordFault(password, [email, organization]) ?? undefined,
    organization: organization.length <= 100 ? undefined : "At most 100 characters.",
  };
}

export default function SignUp() {
  const { isOpen, signup, email, zones, currencies } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const isBusy = useNavigation().state !== "idle";
  useFocusOnError(answer);
  if (!isOpen) return <Closed signup={signup} />;
  if (answer?.sentTo) return <LookIntoMail to={answer.sentTo} />;
  const errors: Record<string, string | undefined> = answer?.errors ?? {};
  return (
    <DoorPage title="Make an account" subtitle="You, and the place whose energy you want to see. It takes a minute.">
      <Form method="post" className="space-y-5" noValidate>
        <FormError>{errors["form"]}</FormError>
        <EmailField defaultValue={answer?.values?.email ?? email} error={errors["email"]} />
        <NewPasswordField label="Password" error={errors["password"]} />
        <TextField
          label="Household or company"
          name="organization"
          maxLength={100}
          defaultValue={answer?.values?.organization}
          error={errors["organization"]}
          hint="Optional; others can be invited to it later."
        />
        <hr className="border-slate-200 dark:border-slate-800" />
        <SiteFields values={answer?.values ?? {}} errors={errors} zones={zones} currencies={currencies} />
        <Button className="w-full" disabled={isBusy}>
          {isBusy ? "Making your account …" : "Make the account"}
        </Button>
      </Form>
      <p className="mt-6 text-center text-sm text-slate-600 dark:text-slate-300">
        You have one already?{" "}
        <Link to="/login" className={textLink}>
          Log in
        </Link>
      </p>
    </DoorPage>
  );
}

function LookIntoMail({ to }: { to: string }) {
  return (
    <DoorPage title="Look into your mail">
      <p className="text-slate-600 dark:text-slate-300">
        We have written to {to}. Open the link in that mail to go on. It may take a minute; look among unwanted mail
        too.
      </p>
      <Link to="/login" className={`mt-4 ${textLink}`}>
        Log in
      </Link>
    </DoorPage>
  );
}

function Closed({ signup }: { signup: string }) {
  return (
    <DoorPage title={signup === "invite" ? "By invitation" : "Closed"}>
      <p className="text-slate-600 dark:text-slate-300">
        {signup === "invite"
          ? "New accounts are made by invitation here. Ask the people who run this installation for a link; a link that you have was used already or has run out."
          : "No new accounts are made here. Ask the people who run this installation."}
      </p>
      <Link to="/login" className={`mt-4 ${textLink}`}>
        Log in
      </Link>
    </DoorPage>
  );
}
