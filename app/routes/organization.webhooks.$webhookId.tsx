import {
  data,
  redirect,
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
} from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import {
  deleteWebhook,
  deliveriesPage,
  getWebhook,
  mostTests,
  rotateWebhookSecret,
  sendAgain,
  testWebhook,
  updateWebhook,
} from "../../db/webhooks.ts";
import { newSecret } from "../api/webhooks.server.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { FormError, textLink, useFocusOnError } from "../components/form.tsx";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { Toast } from "../components/toast.tsx";
import { readForm } from "../components/read-form.server.ts";
import { useKeptAnswer } from "../components/use-kept-answer.ts";
import { useLookAgain } from "../components/use-look-again.ts";
import { zoneOf } from "../organization/zone.server.ts";
import { DeliveriesCard } from "../webhooks/deliveries-card.tsx";
import { eventChoices } from "../webhooks/event-choices.server.ts";
import { shownDelivery, shownWebhook } from "../webhooks/load-webhooks.server.ts";
import { MadeSecret } from "../webhooks/made-secret.tsx";
import { readWebhookForm, type WebhookErrors, type WebhookValues } from "../webhooks/read-webhook-form.server.ts";
import { SecretCard, StateCard } from "../webhooks/webhook-cards.tsx";
import { WebhookForm } from "../webhooks/webhook-form.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.webhook.name ?? "Webhook"} · Energy Tracking` },
];

const notFound = () => new Response("Not found", { status: 404 });
/** The newest; the API has them all. */
const shownMessages = 100;

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId } = await requireOrganization(request, "webhook.change");
  const id = params["webhookId"]!;
  // In this order: when every message has ended, the state says so too, and the page need not look again.
  const page = await deliveriesPage(organizationId, id, { after: null, limit: shownMessages });
  const webhook = await getWebhook(organizationId, id);
  if (!webhook || !page) throw notFound();
  return {
    webhook: shownWebhook(webhook),
    deliveries: page.items.map(shownDelivery),
    choices: eventChoices,
    timezone: await zoneOf(organizationId),
    nowMs: Date.now(),
  };
}

interface Answer {
  said?: string;
  secret?: string;
  values?: WebhookValues;
  errors?: WebhookErrors;
  error?: string;
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId } = await requireOrganization(request, "webhook.change");
  const id = params["webhookId"]!;
  const form = await readForm(request);
  switch (form.get("intent")) {
    case "change": {
      const read = readWebhookForm(form);
      if (!read.ok) return data<Answer>({ values: read.values, errors: read.errors }, { status: 400 });
      return said(await updateWebhook(organizationId, id, read.webhook), "Saved");
    }
    case "on":
      return said(await updateWebhook(organizationId, id, { isOn: true }), "Switched on");
    case "off":
      return said(await updateWebhook(organizationId, id, { isOn: false }), "Switched off");
    case "test": {
      const sent = await testWebhook(organizationId, id);
      if (sent !== "too-many") return said(sent, "A test is on its way");
      return data<Answer>({ error: `At most ${mostTests} tests a minute: try again shortly.` }, { status: 429 });
    }
    case "resend": {
      const sent = await sendAgain(organizationId, { webhookId: id, deliveryId: String(form.get("delivery")) });
      if (sent !== "off") return said(sent, "It is on its way");
      return data<Answer>({ error: "The webhook is off: switch it on first." }, { status: 409 });
    }
    case "rotate": {
      const secret = newSecret();
      if (!(await rotateWebhookSecret(organizationId, id, secret))) throw notFound();
      return data<Answer>({ secret }, { headers: { "cache-control": "no-store" } });
    }
    case "delete":
      if (!(await deleteWebhook(organizationId, id))) throw notFound();
      return redirect("/organization/webhooks");
    default:
      throw new Response("Unknown intent", { status: 400 });
  }
}

function said(done: object | null, words: string) {
  if (!done) throw notFound();
  return data<Answer>({ said: words });
}

/** What the answer to the form says of itself goes to the browser also where no script asked. */
export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

/** One webhook: how it does, what was sent, and its settings. */
export default function WebhookPage() {
  const { webhook, deliveries, choices, timezone, nowMs } = useLoaderData<typeof loader>();
  const answer = useKeptAnswer<Answer>();
  const formats = useFormats(timezone);
  useFocusOnError(answer);
  // What is sent now is answered within seconds; what is tried again later is looked at by whoever comes later.
  useLookAgain(deliveries.some(({ outcome, nextTryAtMs }) => outcome === null && (nextTryAtMs ?? nowMs) <= nowMs));
  const { name, url, events } = webhook;
  const back = (
    <Link to="/organization/webhooks" className={textLink}>
      All webhooks
    </Link>
  );
  return (
    <>
      <PageTitle aside={back}>{name}</PageTitle>
      <Toast shown={answer?.said && answer}>{answer?.said ?? ""}</Toast>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-5">
        <div className="space-y-4 lg:col-span-3">
          <FormError>{answer?.error}</FormError>
          {answer?.secret && <MadeSecret name={name} secret={answer.secret} isNew={false} />}
          <StateCard webhook={webhook} nowMs={nowMs} madeOn={formats.isoDate(webhook.createdAtMs)} />
          <DeliveriesCard deliveries={deliveries} isOn={webhook.offReason === null} formats={formats} />
        </div>
        <div className="space-y-4 lg:col-span-2">
          <Card>
            <CardTitle>Settings</CardTitle>
            <WebhookForm
              key={`${name} ${url} ${events.join()}`}
              intent="change"
              label="Save"
              choices={choices}
              values={answer?.values ?? { name, url, events }}
              errors={answer?.errors ?? {}}
            />
          </Card>
          <SecretCard />
        </div>
      </div>
    </>
  );
}
