import { data, type ActionFunctionArgs, type HeadersFunction, type MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useNavigation } from "@remix-run/react";
import { requestReset } from "../../db/account-tokens.ts";
import { isEmail } from "../../domain/access/email.ts";
import { EmailField } from "../account/fields.tsx";
import { mayReadOutbox } from "../auth/outbox-access.server.ts";
import { checkOrigin } from "../auth/require-member.server.ts";
import { notAvailable } from "../auth/session.server.ts";
import { countMail, tooManyTries } from "../auth/throttle.server.ts";
import { DoorPage } from "../components/door-page.tsx";
import { Button, FormError, textLink, useFocusOnError } from "../components/form.tsx";
import { readForm } from "../components/read-form.server.ts";

export const meta: MetaFunction = () => [{ title: "Forgotten password · Energy Tracking" }];

/** The same answer, after the same work, whether or not anybody has the address. */
export async function action({ request, context }: ActionFunctionArgs) {
  checkOrigin(request);
  const form = await readForm(request);
  const email = String(form.get("email") ?? "").trim();
  const refused = (error: string, status: number, headers = {}) =>
    data({ email, error, sentTo: null, hasOutbox: false }, { status, headers });
  if (!isEmail(email)) return refused("Write an e-mail address such as anna@example.org.", 400);
  const waitS = await countMail(email, context.address).catch(notAvailable);
  if (waitS > 0) return refused(tooManyTries(waitS), 429, { "retry-after": String(waitS) });
  await requestReset(email);
  return data({ email, error: null, sentTo: email, hasOutbox: mayReadOutbox(context.env, context.address) });
}

/** What the answer to the form says of itself goes to the browser also where no script asked. */
export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

export default function ForgotPassword() {
  const answer = useActionData<typeof action>();
  const isBusy = useNavigation().state !== "idle";
  useFocusOnError(answer);
  if (answer?.sentTo) return <Sent to={answer.sentTo} hasOutbox={answer.hasOutbox} />;
  return (
    <DoorPage title="Forgotten password" subtitle="We write to you, with a link to choose a new one.">
      <Form method="post" className="space-y-4" noValidate>
        <FormError>{answer?.error}</FormError>
        <EmailField defaultValue={answer?.email} />
        <Button className="w-full" disabled={isBusy}>
          {isBusy ? "Sending …" : "Send the link"}
        </Button>
        <p className="text-center text-sm">
          <Link to="/login" className={textLink}>
            Back to the login
          </Link>
        </p>
      </Form>
    </DoorPage>
  );
}

function Sent({ to, hasOutbox }: { to: string; hasOutbox: boolean }) {
  return (
    <DoorPage title="Look into your mail">
      <p className="text-slate-600 dark:text-slate-300">
        If there is an account with the address {to}, a mail with a link is on its way to it. The link works for an
        hour. It may take a minute; look among unwanted mail too.
      </p>
      {hasOutbox && (
        <p className="mt-4 text-slate-600 dark:text-slate-300">
          No mail provider is set here, so the mail is in{" "}
          <Link to="/outbox" className={textLink}>
            the outbox
          </Link>
          .
        </p>
      )}
      <Link to="/login" className={`mt-4 ${textLink}`}>
        Back to the login
      </Link>
    </DoorPage>
  );
}
