import { Form, Link, useNavigation } from "@remix-run/react";
import type { ReactNode } from "react";
import { Button, buttonClass, FormError } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";

interface ConfirmProps {
  title: string;
  /** The button says what it does. */
  button: string;
  /** What was chosen, as it goes along. */
  values: Record<string, string>;
  error: string | undefined;
  isPossible: boolean;
  backPath: string;
  children: ReactNode;
}

/** The second step: what will happen, and the button that does it. */
export function Confirm({ title, button, values, error, isPossible, backPath, children }: ConfirmProps) {
  const isPending = useNavigation().formMethod === "POST";
  return (
    <Card className="mt-4">
      <CardTitle>{title}</CardTitle>
      <Form method="post" noValidate>
        {Object.entries(values).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <div className="space-y-4">{children}</div>
        <div className="mt-5 space-y-4 border-t border-slate-100 pt-5 dark:border-slate-800">
          <FormError>{error}</FormError>
          <p className="font-medium">This cannot be undone.</p>
          <div className="flex flex-wrap gap-2">
            <Button disabled={!isPossible || isPending}>{isPending ? "One moment …" : button}</Button>
            <Link to={backPath} className={buttonClass("secondary")}>
              Leave it as it is
            </Link>
          </div>
        </div>
      </Form>
    </Card>
  );
}
