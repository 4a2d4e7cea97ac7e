import { Link } from "@remix-run/react";
import { textLink } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { StateBadge, stateWords, type ShownWebhook } from "./webhook-state.tsx";

export function WebhookList({ webhooks, nowMs }: { webhooks: readonly ShownWebhook[]; nowMs: number }) {
  return (
    <Card>
      <CardTitle>Webhooks</CardTitle>
      {!webhooks.length && <p className="text-slate-600 dark:text-slate-300">There is none yet.</p>}
      <ul className="divide-y divide-slate-100 dark:divide-slate-800">
        {webhooks.map((webhook) => (
          <li key={webhook.id} className="py-3" data-testid="webhook">
            <p className="flex flex-wrap items-center gap-x-3">
              <Link to={`/organization/webhooks/${webhook.id}`} className={textLink}>
                {webhook.name}
              </Link>
              <StateBadge {...webhook} />
            </p>
            <p className="break-all text-sm text-slate-600 dark:text-slate-300">{webhook.url}</p>
            <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">{stateWords(webhook, nowMs)}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
