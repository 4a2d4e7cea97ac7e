import { Form } from "@remix-run/react";
import { Button, SelectField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { actionOf } from "../organization/organization-cards.tsx";

interface SupportCardProps {
  /** The organization's. */
  id: string;
  support: { grantedBy: string | null; until: string; visitors: string[]; mayEnd: boolean } | null;
  mayGrant: boolean;
}

const note = "mb-4 text-sm text-slate-600 dark:text-slate-300";

/** An owner's consent that who runs the platform looks in, and its end. */
export function SupportCard({ id, support, mayGrant }: SupportCardProps) {
  return (
    <Card>
      <CardTitle>Support</CardTitle>
      {support ? <Open id={id} {...support} /> : mayGrant && <Consent id={id} />}
    </Card>
  );
}

function Open({ id, grantedBy, until, visitors, mayEnd }: NonNullable<SupportCardProps["support"]> & { id: string }) {
  return (
    <>
      <p className={note}>
        Who runs this platform may look in until {until}
        {grantedBy && `, as ${grantedBy} allowed`}: as a viewer, who sees everything and changes nothing.{" "}
        {visitors.length ? `At this moment: ${visitors.join(", ")}.` : "Nobody looks in at this moment."}
      </p>
      {mayEnd && (
        <Form method="post" action={actionOf(id)}>
          <Button look="danger" name="intent" value="end-support">
            End it now
          </Button>
        </Form>
      )}
    </>
  );
}

function Consent({ id }: { id: string }) {
  return (
    <>
      <p className={note}>
        Who runs this platform sees how much you use, and nothing of what you measure. To get help, let them look in for
        a while: as a viewer, who sees everything and changes nothing. You see who is in, and can end it at any time.
      </p>
      <Form method="post" action={actionOf(id)} className="space-y-4">
        <SelectField label="For how long" name="hours" defaultValue="4">
          <option value="1">One hour</option>
          <option value="4">Four hours</option>
          <option value="24">A day</option>
        </SelectField>
        <Button look="secondary" name="intent" value="grant-support">
          Let support look in
        </Button>
      </Form>
    </>
  );
}
