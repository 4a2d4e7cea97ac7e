import { Link, useFetcher } from "@remix-run/react";
import { Check, EyeOff, Merge } from "lucide-react";
import { useEffect, useRef } from "react";
import { ago, type Formats } from "../charts/formats.ts";
import { Button, buttonClass, FormError, TextField } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { Toast } from "../components/toast.tsx";
import { channelTitle } from "../device/channel-words.ts";
import { MessageView } from "../device-setup/message-view.tsx";
import type { Inbox, InboxItem } from "./load-inbox.server.ts";

/** What the inbox answers to a click. */
export interface InboxAnswer {
  done?: string;
  error?: string;
}

interface InboxCardProps {
  siteId: string;
  inbox: Inbox;
  formats: Formats;
  now: number;
  mayChange: boolean;
}

/** Devices that a gateway was heard to speak for: their readings are kept, and a person says what becomes of them. */
export function InboxCard({ siteId, inbox, formats, now, mayChange }: InboxCardProps) {
  const fetcher = useFetcher<InboxAnswer>();
  const heading = useRef<HTMLDivElement>(null);
  const path = `/sites/${siteId}/devices`;
  // The button that was pressed is gone with its line: whoever uses the keyboard goes on from the heading.
  useEffect(() => {
    if (fetcher.data?.done) heading.current?.focus();
  }, [fetcher.data]);
  return (
    <>
      <Toast shown={fetcher.data?.done && fetcher.data}>{fetcher.data?.done ?? ""}</Toast>
      {inbox.waiting > 0 && (
        <Card className="mb-4 border-emerald-300 dark:border-emerald-800">
          <div ref={heading} tabIndex={-1} className="rounded-lg">
            <CardTitle
              aside={
                mayChange &&
                inbox.waiting > 1 && (
                  <fetcher.Form method="post" action={`${path}/inbox`}>
                    <input type="hidden" name="intent" value="accept-all" />
                    <Button look="secondary" disabled={fetcher.state !== "idle"}>
                      <Check className="h-4 w-4" aria-hidden /> Accept all {inbox.waiting}
                    </Button>
                  </fetcher.Form>
                )
              }
            >
              New devices <Badge look="good">{inbox.waiting}</Badge>
            </CardTitle>
          </div>
          <p className="-mt-2 mb-4 max-w-3xl text-slate-600 dark:text-slate-300">
            A gateway speaks for them. Their readings are kept from the first one on, and count at this place once you
            accept them.
          </p>
          <FormError>{fetcher.data?.error}</FormError>
          <ul className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="inbox">
            {inbox.devices.map((device) => (
              <li key={device.id} className="py-5 first:pt-0 last:pb-0">
                <Item device={device} path={path} formats={formats} now={now} mayChange={mayChange} fetcher={fetcher} />
              </li>
            ))}
          </ul>
          {inbox.waiting > inbox.devices.length && (
            <p className="mt-4 text-sm text-slate-600 dark:text-slate-300">
              And {inbox.waiting - inbox.devices.length} more.
            </p>
          )}
        </Card>
      )}
    </>
  );
}

interface ItemProps {
  device: InboxItem;
  path: string;
  formats: Formats;
  now: number;
  mayChange: boolean;
  fetcher: ReturnType<typeof useFetcher<InboxAnswer>>;
}

function Item({ device, path, formats, now, mayChange, fetcher }: ItemProps) {
  const { id, name, externalId, gatewayName, firstHeardMs, readings, message } = device;
  return (
    <article aria-label={name}>
      <h3 className="font-medium">
        <Link to={`${path}/${id}`} className="inline-block min-h-6 underline-offset-2 hover:underline">
          {name}
        </Link>
      </h3>
      <p className="text-sm text-slate-600 dark:text-slate-300">
        {name !== externalId && (
          <>
            calls itself <code className="text-xs">{externalId}</code>,{" "}
          </>
        )}
        heard through {gatewayName}, first {ago(firstHeardMs, now)}
      </p>
      <Readings readings={readings} formats={formats} />
      {message && (
        <details className="mt-1">
          <summary className="inline-flex min-h-11 cursor-pointer items-center text-sm font-medium text-emerald-700 dark:text-emerald-400">
            Show its message
          </summary>
          <div className="mt-1">
            <MessageView message={message} time={formats.dateTime} />
          </div>
        </details>
      )}
      {mayChange && (
        <div className="mt-2 flex flex-wrap items-end gap-2">
          <fetcher.Form method="post" action={`${path}/inbox`} className="flex w-full items-end gap-2 sm:w-auto">
            <input type="hidden" name="intent" value="accept" />
            <input type="hidden" name="device" value={id} />
            <div className="min-w-0 flex-1 sm:w-56">
              <TextField label="Name" name="name" required maxLength={100} defaultValue={name} autoComplete="off" />
            </div>
            <Button disabled={fetcher.state !== "idle"} aria-label={`Accept ${name}`}>
              <Check className="h-4 w-4" aria-hidden /> Accept
            </Button>
          </fetcher.Form>
          <Link to={`${path}/${id}/merge`} className={buttonClass("secondary")} aria-label={`Merge ${name} into …`}>
            <Merge className="h-4 w-4" aria-hidden /> Merge into …
          </Link>
          <fetcher.Form method="post" action={`${path}/inbox`}>
            <input type="hidden" name="intent" value="ignore" />
            <input type="hidden" name="device" value={id} />
            <Button look="secondary" disabled={fetcher.state !== "idle"} aria-label={`Ignore ${name}`}>
              <EyeOff className="h-4 w-4" aria-hidden /> Ignore
            </Button>
          </fetcher.Form>
        </div>
      )}
    </article>
  );
}

const mostReadings = 8;

/** What it says, as it was understood. */
function Readings({ readings, formats }: { readings: InboxItem["readings"]; formats: Formats }) {
  const known = readings.filter(({ latest }) => latest !== null);
  if (!known.length) return <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">No reading of it yet.</p>;
  return (
    <dl className="mt-2 flex flex-wrap gap-2">
      {known.slice(0, mostReadings).map(({ id, unit, latest, ...channel }) => (
        <div key={id} className="rounded-lg bg-slate-100 px-3 py-1.5 dark:bg-slate-800">
          <dt className="text-xs text-slate-600 dark:text-slate-300">{channelTitle(channel)}</dt>
          <dd className="font-semibold tabular-nums">{formats.value(latest!.value, unit)}</dd>
        </div>
      ))}
      {known.length > mostReadings && (
        <div className="self-center text-sm text-slate-600 dark:text-slate-300">
          <dt className="sr-only">More</dt>
          <dd>and {known.length - mostReadings} more</dd>
        </div>
      )}
    </dl>
  );
}
