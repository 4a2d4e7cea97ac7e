import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Link, useFetcher, useLoaderData } from "@remix-run/react";
import { acceptDevices, ignoreDevices, inboxOf } from "../../db/inbox.ts";
import { may } from "../../domain/access/permissions.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { ago } from "../charts/formats.ts";
import { useFormats, useNow } from "../charts/use-formats.ts";
import { useLive } from "../charts/use-live.ts";
import { Button, buttonClass, FormError } from "../components/form.tsx";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";
import { InboxCard, type InboxAnswer } from "../inbox/inbox-card.tsx";
import { loadInbox } from "../inbox/load-inbox.server.ts";

export const meta: MetaFunction = () => [{ title: "Inbox · Energy Tracking" }];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const ignored = await inboxOf(organizationId, site.id, { ignored: true });
  return {
    site: { id: site.id, timezone: site.timezone },
    nowMs: Date.now(),
    inbox: await loadInbox(organizationId, site.id),
    ignored: ignored.map(({ id, name, gatewayName, firstHeard }) => ({
      ...{ id, name, gatewayName },
      firstHeardMs: firstHeard.getTime(),
    })),
    mayChange: may(role, "device.change"),
  };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"], "device.change");
  const form = await readForm(request);
  const waiting = await inboxOf(organizationId, site.id);
  if (form.get("intent") === "accept-all") {
    const ids = waiting.map(({ id }) => id);
    return answer(`Accepted: ${await acceptDevices(organizationId, ids)}`);
  }
  const known = [...waiting, ...(await inboxOf(organizationId, site.id, { ignored: true }))];
  const device = known.find(({ id }) => id === form.get("device"));
  if (!device) return data<InboxAnswer>({ error: "It is not in the inbox any more." }, { status: 404 });
  if (form.get("intent") === "ignore") {
    await ignoreDevices(organizationId, [device.id]);
    return answer(`${device.name} is ignored`);
  }
  if (form.get("intent") !== "accept") throw new Response("Unknown intent", { status: 400 });
  const name = String(form.get("name") ?? device.name).trim();
  if (!name || name.length > 100)
    return data<InboxAnswer>({ error: "Give it a name of at most 100 characters." }, { status: 400 });
  await acceptDevices(organizationId, [device.id], name);
  return answer(`${name} is accepted`);
}

const answer = (done: string) => data<InboxAnswer>({ done });

export default function InboxPage() {
  const { site, inbox, ignored, nowMs, mayChange } = useLoaderData<typeof loader>();
  useLive({ siteId: site.id, revalidate: ["device"], everyMs: 2_000 });
  const fetcher = useFetcher<InboxAnswer>();
  const now = useNow(nowMs);
  const formats = useFormats(site.timezone);
  const back = (
    <Link to={`/sites/${site.id}/devices`} className={buttonClass("secondary")}>
      All devices
    </Link>
  );
  return (
    <>
      <PageTitle aside={back}>Inbox</PageTitle>
      <Toast shown={fetcher.data?.done && fetcher.data}>{fetcher.data?.done ?? ""}</Toast>
      <InboxCard siteId={site.id} inbox={inbox} formats={formats} now={now} mayChange={mayChange} />
      {!inbox.waiting && (
        <p className="mb-4 text-slate-600 dark:text-slate-300">
          Nothing waits. What a gateway speaks for next appears here by itself.
        </p>
      )}
      <Card>
        <CardTitle>Ignored devices</CardTitle>
        <p className="-mt-2 mb-4 text-slate-600 dark:text-slate-300">
          {ignored.length
            ? "Nothing of them is kept. What is stored from before stays hidden, and comes back with them."
            : "None is ignored."}
        </p>
        <FormError>{fetcher.data?.error}</FormError>
        <ul className="divide-y divide-slate-100 dark:divide-slate-800">
          {ignored.map(({ id, name, gatewayName, firstHeardMs }) => (
            <li key={id} className="flex flex-wrap items-center gap-3 py-3 first:pt-0 last:pb-0">
              <span className="min-w-0 flex-1 basis-48">
                <span className="block truncate font-medium">{name}</span>
                <span className="block text-sm text-slate-600 dark:text-slate-300">
                  heard through {gatewayName}, first {ago(firstHeardMs, now)}
                </span>
              </span>
              {mayChange && (
                <fetcher.Form method="post">
                  <input type="hidden" name="intent" value="accept" />
                  <input type="hidden" name="device" value={id} />
                  <Button look="secondary" disabled={fetcher.state !== "idle"} aria-label={`Accept ${name} after all`}>
                    Accept after all
                  </Button>
                </fetcher.Form>
              )}
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}
