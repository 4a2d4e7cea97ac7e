import { Form, useActionData, useNavigation } from "@remix-run/react";
import { useEffect, useRef, type ReactNode } from "react";
import { Button, FormError, TextField, useFocusOnError } from "../components/form.tsx";
import type { AccountAnswer } from "./answer.ts";

/** The errors of one form, by field. */
export function useErrors(intent: string): AccountAnswer["errors"] {
  const answer = useActionData<AccountAnswer>();
  return answer?.intent === intent ? answer.errors : {};
}

/** One of the forms of a page that has many; emptied when it has done what it was for. */
export function AccountForm({
  intent,
  label,
  look = "primary",
  children,
}: {
  intent: string;
  label: string;
  look?: "primary" | "secondary" | "danger";
  children?: ReactNode;
}) {
  const answer = useActionData<AccountAnswer>();
  const form = useRef<HTMLFormElement>(null);
  const isBusy = useNavigation().formData?.get("intent") === intent;
  const mine = answer?.intent === intent ? answer : undefined;
  useFocusOnError(mine);
  useEffect(() => {
    if (mine?.done) form.current?.reset();
  }, [mine]);
  return (
    <Form ref={form} method="post" noValidate className="space-y-4">
      <FormError>{mine?.errors["form"]}</FormError>
      {children}
      <Button look={look} disabled={isBusy}>
        {label}
      </Button>
      <input type="hidden" name="intent" value={intent} />
    </Form>
  );
}

/** The password that one has, asked for once more. */
export function CurrentPassword({ intent }: { intent: string }) {
  return (
    <TextField
      label="Your password"
      name="current"
      type="password"
      autoComplete="current-password"
      required
      error={useErrors(intent)["current"]}
    />
  );
}

/** A code, for who has two-factor login on. */
export function CurrentCode({ intent }: { intent: string }) {
  return (
    <TextField
      label="Code of your app"
      name="code"
      autoComplete="one-time-code"
      required
      maxLength={60}
      error={useErrors(intent)["code"]}
      hint="Or one of your recovery codes."
    />
  );
}
