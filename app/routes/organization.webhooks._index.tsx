import {
  data,
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
} from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { listWebhooks, mostWebhooks } from "../../db/webhooks.ts";
import { Problem } from "../api/problem.server.ts";
import { makeWebhook } from "../api/webhooks.server.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { FormError, useFocusOnError } from "../components/form.tsx";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { eventChoices } from "../webhooks/event-choices.server.ts";
import { shownWebhook } from "../webhooks/load-webhooks.server.ts";
import { MadeSecret } from "../webhooks/made-secret.tsx";
import { readWebhookForm, type WebhookErrors, type WebhookValues } from "../webhooks/read-webhook-form.server.ts";
import { ReceiverCard } from "../webhooks/receiver-card.tsx";
import { WebhookForm } from "../webhooks/webhook-form.tsx";
import { WebhookList } from "../webhooks/webhook-list.tsx";

export const meta: MetaFunction = () => [{ title: "Webhooks · Energy Tracking" }];

export async function loader({ request }: LoaderFunctionArgs) {
  const { organizationId } = await requireOrganization(request, "webhook.change");
  const webhooks = (await listWebhooks(organizationId)).map(shownWebhook);
  return { webhooks, choices: eventChoices, most: mostWebhooks, nowMs: Date.now() };
}

interface Answer {
  made?: { name: string; secret: string };
  values?: WebhookValues;
  errors?: WebhookErrors;
  error?: string;
}

export async function action({ request }: ActionFunctionArgs) {
  const { organizationId, user } = await requireOrganization(request, "webhook.change");
  const read = readWebhookForm(await readForm(request));
  if (!read.ok) return data<Answer>({ values: read.values, errors: read.errors }, { status: 400 });
  try {
    const { name, secret } = await makeWebhook(organizationId, read.webhook, user.id);
    return data<Answer>({ made: { name, secret } }, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    if (error instanceof Problem) return data<Answer>({ error: error.message }, { status: error.status });
    throw error;
  }
}

/** What the answer to the form says of itself goes to the browser also where no script asked. */
export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

/** Addresses that are told what happens in an organization. */
export default function Webhooks() {
  const { webhooks, choices, most, nowMs } = useLoaderData<typeof loader>();
  const answer = useActionData<Answer>();
  useFocusOnError(answer);
  return (
    <>
      <PageTitle>Webhooks</PageTitle>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-5">
        <div className="space-y-4 lg:order-last lg:col-span-3">
          {answer?.made && <MadeSecret {...answer.made} isNew />}
          <WebhookList webhooks={webhooks} nowMs={nowMs} />
          <ReceiverCard />
        </div>
        <div className="space-y-4 lg:col-span-2">
          <FormError>{answer?.error}</FormError>
          {webhooks.length < most ? (
            <Card>
              <CardTitle>A new webhook</CardTitle>
              <WebhookForm
                key={answer?.made?.secret ?? "form"}
                intent="make"
                label="Make the webhook"
                choices={choices}
                values={answer?.values}
                errors={answer?.errors ?? {}}
              />
            </Card>
          ) : (
            <p className="text-sm text-slate-600 dark:text-slate-300">An organization has at most {most} webhooks.</p>
          )}
        </div>
      </div>
    </>
  );
}
