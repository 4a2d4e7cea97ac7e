import { Form } from "@remix-run/react";
import { useState } from "react";
import { Dialog } from "../components/dialog.tsx";
import { Button } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { StateBadge, stateWords, type ShownWebhook } from "./webhook-state.tsx";

/** How it does, and what can be done with it at once. */
export function StateCard({ webhook, nowMs, madeOn }: { webhook: ShownWebhook; nowMs: number; madeOn: string }) {
  const isOn = webhook.offReason === null;
  return (
    <Card>
      <CardTitle aside={<StateBadge {...webhook} />}>State</CardTitle>
      <p className="break-all text-sm text-slate-600 dark:text-slate-300">{webhook.url}</p>
      <p className="mt-2 text-sm">{stateWords(webhook, nowMs)}.</p>
      <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">
        Made {madeOn}
        {webhook.author && ` by ${webhook.author}`}
      </p>
      <Form method="post" className="mt-4 flex flex-wrap gap-2">
        <Button name="intent" value="test">
          Send a test
        </Button>
        <Button look="secondary" name="intent" value={isOn ? "off" : "on"}>
          {isOn ? "Switch it off" : "Switch it on"}
        </Button>
      </Form>
    </Card>
  );
}

const questions = {
  rotate: {
    button: "Make a new secret",
    title: "Make a new secret?",
    text: "For 24 hours messages are signed with both; then the old one is worth nothing.",
  },
  delete: {
    button: "Delete the webhook",
    title: "Delete the webhook?",
    text: "Messages that wait are not sent, and what was sent is forgotten.",
  },
} as const;

/** What is asked once more before it is done. */
export function SecretCard() {
  const [asked, setAsked] = useState<keyof typeof questions | null>(null);
  const question = questions[asked ?? "rotate"];
  return (
    <Card>
      <CardTitle>Secret and end</CardTitle>
      <div className="flex flex-wrap gap-2">
        {(["rotate", "delete"] as const).map((intent) => (
          <Button key={intent} look="secondary" type="button" onClick={() => setAsked(intent)}>
            {questions[intent].button}
          </Button>
        ))}
      </div>
      <Dialog open={asked !== null} onClose={() => setAsked(null)} title={question.title}>
        <p className="text-slate-600 dark:text-slate-300">{question.text}</p>
        <Form method="post" className="mt-5 flex justify-end" onSubmit={() => setAsked(null)}>
          <input type="hidden" name="intent" value={asked ?? ""} />
          <Button look={asked === "delete" ? "danger" : "primary"}>
            {asked === "delete" ? "Delete it" : "Make it"}
          </Button>
        </Form>
      </Dialog>
    </Card>
  );
}
