import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, useLoaderData } from "@remix-run/react";
import { outbox } from "../../db/mail.ts";
import { mayReadOutbox } from "../auth/outbox-access.server.ts";
import { Button, TextField } from "../components/form.tsx";
import { Badge, Card, EmptyState, PageTitle } from "../components/frame.tsx";

export const meta: MetaFunction = () => [{ title: "Outbox · Energy Tracking" }];

/** @throws Response 404 wherever the outbox does not open (app/auth/outbox-access). */
export async function loader({ request, context }: LoaderFunctionArgs) {
  if (!mayReadOutbox(context.env, context.address)) throw new Response("Not found", { status: 404 });
  const to = new URL(request.url).searchParams.get("to")?.trim() ?? "";
  return { to, mails: await outbox(to || null) };
}

/** The mails that were not sent because no provider is set, for a developer. */
export default function Outbox() {
  const { to, mails } = useLoaderData<typeof loader>();
  return (
    <main className="mx-auto max-w-3xl px-4 py-10 sm:px-6">
      <PageTitle>Outbox</PageTitle>
      <p className="-mt-3 mb-6 text-slate-600 dark:text-slate-300">
        No mail provider is set (RESEND_API_KEY), so mails stay here. Only this machine can open this page.
      </p>
      <Form className="mb-6 flex items-end gap-3">
        <div className="min-w-0 flex-1">
          <TextField label="To" name="to" type="search" defaultValue={to} placeholder="anna@example.org" />
        </div>
        <Button look="secondary">Show</Button>
      </Form>
      {mails.length === 0 && (
        <EmptyState title="No mail">{to ? `Nothing was written to ${to}.` : "Nothing was written yet."}</EmptyState>
      )}
      <ol className="space-y-4">
        {mails.map((mail) => (
          <li key={mail.id}>
            <MailCard mail={mail} />
          </li>
        ))}
      </ol>
    </main>
  );
}

function MailCard({ mail }: { mail: ReturnType<typeof useLoaderData<typeof loader>>["mails"][number] }) {
  const { recipient, createdAt, lastError, letter } = mail;
  return (
    <Card>
      <article data-testid="mail" className="space-y-3 text-sm">
        <header className="border-b border-slate-200 pb-3 dark:border-slate-800">
          <h2 className="text-base font-semibold">{letter.subject}</h2>
          <p className="text-slate-600 dark:text-slate-300">
            to {recipient} ·{" "}
            <time dateTime={createdAt.toISOString()}>{createdAt.toISOString().replace("T", " ").slice(0, 19)} UTC</time>{" "}
            {lastError && <Badge look="bad">{lastError}</Badge>}
          </p>
        </header>
        {letter.parts.map((part, index) =>
          typeof part === "string" ? (
            <p key={index} className="whitespace-pre-line">
              {part}
            </p>
          ) : (
            <p key={index}>
              <a
                href={part.url}
                className="inline-flex min-h-11 items-center font-medium text-emerald-700 underline dark:text-emerald-400"
              >
                {part.label}
              </a>
              <span className="block break-all text-xs text-slate-500 dark:text-slate-400">{part.url}</span>
            </p>
          ),
        )}
      </article>
    </Card>
  );
}
