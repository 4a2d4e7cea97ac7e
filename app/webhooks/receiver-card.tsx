import { Card, CardTitle } from "../components/frame.tsx";

/** What whoever writes a receiver must know; docs/WEBHOOKS.md says it at length. */
export function ReceiverCard() {
  return (
    <Card>
      <CardTitle>For the receiver</CardTitle>
      <div className="space-y-2 text-sm text-slate-600 dark:text-slate-300">
        <p>
          Each message is a POST with JSON, signed by Standard Webhooks 1.0: <code>webhook-signature</code> is{" "}
          <code>v1,</code> and the base64 of HMAC-SHA256 over <code>webhook-id.webhook-timestamp.body</code>, by the
          bytes that stand in base64 after <code>whsec_</code>.
        </p>
        <p>
          Any 2xx within 10 seconds says that it was taken. All else is tried again, ten times in three days, with the
          same <code>webhook-id</code>; 410 Gone switches the webhook off.
        </p>
        <p>
          What each message holds is in the{" "}
          <a href="/api/v1/openapi.json" className="font-medium text-emerald-700 underline dark:text-emerald-400">
            OpenAPI document
          </a>{" "}
          under <code>webhooks</code>.
        </p>
      </div>
    </Card>
  );
}
