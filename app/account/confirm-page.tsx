import { Form, Link, useNavigation } from "@remix-run/react";
import { DoorPage } from "../components/door-page.tsx";
import { Button, buttonClass } from "../components/form.tsx";

/** The button behind a mailed link. */
export function ConfirmForm({ token, label }: { token: string; label: string }) {
  const isBusy = useNavigation().state !== "idle";
  return (
    <Form method="post">
      <input type="hidden" name="token" value={token} />
      <Button className="w-full" disabled={isBusy}>
        {label}
      </Button>
    </Form>
  );
}

export function LinkExpired({ hours, to, label }: { hours: number; to: string; label: string }) {
  return (
    <DoorPage
      title="This link does not work"
      subtitle={`It was used already, is more than ${hours} hours old, or a newer one was sent.`}
    >
      <Link to={to} className={buttonClass("secondary")}>
        {label}
      </Link>
    </DoorPage>
  );
}
