import { Form, useNavigation } from "@remix-run/react";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Dialog } from "../components/dialog.tsx";
import { Button, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import type { ContractView } from "./contract-view.server.ts";

/** Its name, its end, and its deletion. */
export function ContractSettings({
  contract,
  error,
}: {
  contract: ContractView;
  error: { name?: string | undefined; endsOn?: string | undefined };
}) {
  const [isDeleting, setDeleting] = useState(false);
  const isPending = useNavigation().state !== "idle";
  return (
    <Card>
      <CardTitle>The contract</CardTitle>
      <Form method="post" noValidate className="space-y-4">
        <input type="hidden" name="intent" value="change" />
        <TextField label="Name" name="name" required maxLength={100} defaultValue={contract.name} error={error.name} />
        <TextField
          label="Ends on"
          name="endsOn"
          type="date"
          defaultValue={contract.endsOn ?? ""}
          hint="The first day on which it no longer holds, as when the supplier changes. Left empty, it goes on."
          error={error.endsOn}
        />
        <Button disabled={isPending}>Save</Button>
      </Form>
      <div className="mt-6 border-t border-slate-200 pt-4 dark:border-slate-800">
        <Button type="button" look="secondary" onClick={() => setDeleting(true)}>
          <Trash2 className="h-4 w-4" aria-hidden /> Delete the contract
        </Button>
      </div>
      <Dialog open={isDeleting} onClose={() => setDeleting(false)} title={`Delete ${contract.name}?`}>
        <Form method="post" className="space-y-4">
          <input type="hidden" name="intent" value="delete" />
          <p>
            All its versions go, and what it priced has no price any more, in the past too. A contract that merely ends
            needs an end date instead.
          </p>
          <div className="flex gap-2">
            <Button look="danger">Delete it for good</Button>
            <Button type="button" look="secondary" onClick={() => setDeleting(false)}>
              Keep it
            </Button>
          </div>
        </Form>
      </Dialog>
    </Card>
  );
}
