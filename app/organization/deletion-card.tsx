import { Form, useNavigation } from "@remix-run/react";
import type { Formats } from "../charts/formats.ts";
import { Button, TextField, useFocusOnError } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { Progress } from "../import/progress.tsx";

interface DeletionProps {
  organization: string;
  deletion: { dueAt: number; isRunning: boolean; removed: number; channels: number } | null;
  /** From the asking to the deletion. */
  days: number;
  faults: { name?: string; password?: string };
  formats: Formats;
}

/** Deletes the organization for good: with its name and the password, and days to take it back. */
export function DeletionCard({ organization, deletion, days, faults, formats }: DeletionProps) {
  useFocusOnError(faults);
  if (deletion?.isRunning) {
    return (
      <Card>
        <CardTitle>{organization} is being deleted</CardTitle>
        <Progress label="Deleted" share={deletion.channels ? deletion.removed / deletion.channels : 0} />
      </Card>
    );
  }
  return (
    <Card className="!border-rose-300 dark:!border-rose-900">
      <CardTitle>Delete {organization}</CardTitle>
      <div className="space-y-4 text-sm">
        {deletion ? (
          <Due dueAt={formats.dateTime(deletion.dueAt)} />
        ) : (
          <p className="text-slate-600 dark:text-slate-300">
            All places, devices, readings, contracts and the audit log go, for everybody who belongs to it, and cannot
            be brought back. Your account stays. It happens {days} days after you ask for it; until then everything
            works as before, and you can take it back here. Backups of the whole installation keep it until they are
            thrown away.
          </p>
        )}
        <ConfirmForm when={deletion ? "now" : "later"} faults={faults} organization={organization} days={days} />
      </div>
    </Card>
  );
}

function Due({ dueAt }: { dueAt: string }) {
  return (
    <>
      <p role="status" className="font-medium text-rose-800 dark:text-rose-300">
        It will be deleted on {dueAt}.
      </p>
      <Form method="post">
        <Button name="intent" value="keep" look="secondary">
          Keep it
        </Button>
      </Form>
      <p className="text-slate-600 dark:text-slate-300">
        Or delete it at once, which nobody can take back: type the name and your password again.
      </p>
    </>
  );
}

function ConfirmForm({
  when,
  faults,
  organization,
  days,
}: Pick<DeletionProps, "faults" | "organization" | "days"> & { when: "now" | "later" }) {
  const isBusy = useNavigation().formData?.get("intent") === "delete";
  return (
    <Form method="post" className="max-w-md space-y-4" noValidate key={when}>
      <input type="hidden" name="when" value={when} />
      <TextField label={`Its name: ${organization}`} name="name" autoComplete="off" required error={faults.name} />
      <TextField
        label="Your password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        error={faults.password}
      />
      <Button name="intent" value="delete" look="danger" disabled={isBusy}>
        {when === "now" ? "Delete it at once" : `Delete it in ${days} days`}
      </Button>
    </Form>
  );
}
