import { Form, useNavigation } from "@remix-run/react";
import { Button, checkbox, Choices, TextField } from "../components/form.tsx";
import type { WebhookErrors, WebhookValues } from "./read-webhook-form.server.ts";

export interface EventChoice {
  type: string;
  about: string;
}

interface WebhookFormProps {
  intent: "make" | "change";
  label: string;
  choices: readonly EventChoice[];
  values: WebhookValues | undefined;
  errors: WebhookErrors;
}

/** Of a new webhook, and of one that is changed. */
export function WebhookForm({ intent, label, choices, values, errors }: WebhookFormProps) {
  const isPending = useNavigation().formData?.get("intent") === intent;
  return (
    <Form method="post" className="space-y-5" noValidate>
      <input type="hidden" name="intent" value={intent} />
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        defaultValue={values?.name}
        error={errors.name}
        placeholder="Home Assistant"
      />
      <TextField
        label="Address"
        name="url"
        type="url"
        required
        maxLength={2000}
        defaultValue={values?.url}
        error={errors.url}
        placeholder="https://home.example/energy"
        hint="Where messages are posted to: https, and a host that the Internet can reach."
      />
      <EventsField choices={choices} chosen={values?.events ?? []} error={errors.events} />
      <Button disabled={isPending}>{label}</Button>
    </Form>
  );
}

function EventsField({
  choices,
  chosen,
  error,
}: {
  choices: readonly EventChoice[];
  chosen: readonly string[];
  error: string | undefined;
}) {
  return (
    <Choices legend="What it is told" error={error}>
      {choices.map(({ type, about }) => (
        <label key={type} className="flex min-h-11 items-start gap-3 py-2 text-sm">
          <input
            type="checkbox"
            name="events"
            value={type}
            defaultChecked={chosen.includes(type)}
            aria-invalid={Boolean(error)}
            className={`${checkbox} mt-0.5`}
          />
          <span>
            {about} <code className="whitespace-nowrap text-xs text-slate-600 dark:text-slate-300">{type}</code>
          </span>
        </label>
      ))}
    </Choices>
  );
}
