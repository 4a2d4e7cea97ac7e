import { Form } from "@remix-run/react";
import { deliveryFaults, type DeliveryFault, type DeliveryOutcome } from "../../domain/webhook/delivery.ts";
import type { Formats } from "../charts/formats.ts";
import { Button } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";

/** A message as the page knows it; instants in epoch milliseconds. */
export interface ShownDelivery {
  id: string;
  type: string;
  /** As it is sent. */
  body: string;
  outcome: DeliveryOutcome | null;
  tries: number;
  occurredAtMs: number;
  nextTryAtMs: number | null;
  triedAtMs: number | null;
  durationMs: number | null;
  status: number | null;
  fault: DeliveryFault | null;
  answer: string | null;
}

const looks = { delivered: "good", failed: "bad", dropped: "plain" } as const;
const states = { delivered: "Delivered", failed: "Failed", dropped: "Not sent" } as const;

interface DeliveriesProps {
  deliveries: readonly ShownDelivery[];
  isOn: boolean;
  formats: Formats;
}

/** What was sent, and what the receiver said. */
export function DeliveriesCard({ deliveries, isOn, formats }: DeliveriesProps) {
  return (
    <Card>
      <CardTitle>Messages of the last 30 days</CardTitle>
      {!deliveries.length && <p className="text-slate-600 dark:text-slate-300">None was sent.</p>}
      <ul className="divide-y divide-slate-100 dark:divide-slate-800">
        {deliveries.map((delivery) => (
          <DeliveryItem key={delivery.id} delivery={delivery} isOn={isOn} formats={formats} />
        ))}
      </ul>
    </Card>
  );
}

function DeliveryItem({ delivery, isOn, formats }: { delivery: ShownDelivery } & Omit<DeliveriesProps, "deliveries">) {
  const { id, type, outcome, body, answer } = delivery;
  const mayResend = isOn || type === "webhook.test";
  return (
    <li className="py-3" data-testid="delivery">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge look={outcome ? looks[outcome] : "warn"}>{outcome ? states[outcome] : "Waiting"}</Badge>
        <code className="text-sm">{type}</code>
        <span className="text-sm text-slate-600 dark:text-slate-300">{formats.dateTime(delivery.occurredAtMs)}</span>
        {mayResend && (
          <Form method="post" className="ml-auto">
            <input type="hidden" name="intent" value="resend" />
            <input type="hidden" name="delivery" value={id} />
            <Button look="secondary" aria-label={`Send ${type} again`}>
              {outcome ? "Send again" : "Try now"}
            </Button>
          </Form>
        )}
      </div>
      <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">{deliveryWords(delivery, formats)}</p>
      <details className="mt-1 text-sm">
        <summary className="cursor-pointer py-3 text-slate-700 dark:text-slate-200">Message and answer</summary>
        <Told label="Message">{body}</Told>
        {answer && <Told label="Answer, its first kilobyte">{answer}</Told>}
      </details>
    </li>
  );
}

function Told({ label, children }: { label: string; children: string }) {
  return (
    <>
      <p className="mt-2 text-slate-600 dark:text-slate-300">{label}</p>
      <pre className="mt-1 max-h-60 overflow-auto whitespace-pre-wrap break-all rounded-lg bg-slate-50 p-3 text-xs dark:bg-slate-950">
        {children}
      </pre>
    </>
  );
}

/** "HTTP 200 in 42 ms · tried once", "No connection, or it broke off · tried 3 times · next try 1 Mar 2026, 12:35:05". */
function deliveryWords(delivery: ShownDelivery, formats: Formats): string {
  const { status, fault, durationMs, tries, nextTryAtMs } = delivery;
  return [
    status !== null ? `HTTP ${status} in ${durationMs} ms` : fault ? deliveryFaults[fault] : "Not sent yet",
    ...(tries ? [tries === 1 ? "tried once" : `tried ${tries} times`] : []),
    ...(tries && nextTryAtMs !== null ? [`next try ${formats.dateTime(nextTryAtMs)}`] : []),
  ].join(" · ");
}
