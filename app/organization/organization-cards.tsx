import { Form } from "@remix-run/react";
import { useState } from "react";
import { roleWords } from "../../domain/access/membership.ts";
import type { MemberRole } from "../../domain/access/permissions.ts";
import { Dialog } from "../components/dialog.tsx";
import { Button, FormError, SelectField, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { placesInWords, type SiteName } from "./access-fields.tsx";
import { roleNames } from "./role-names.ts";

/** A form of this organization's pages: another tab may have switched to another one meanwhile. */
export const actionOf = (id: string, page = "") => `/organization${page}?${page ? "" : "index&"}organization=${id}`;

interface OwnProps {
  role: MemberRole;
  siteIds: readonly string[] | null;
  sites: readonly SiteName[];
}

export function OwnMembershipCard({ role, siteIds, sites }: OwnProps) {
  return (
    <Card>
      <CardTitle>You</CardTitle>
      <dl className="space-y-3 text-sm">
        <div>
          <dt className="text-slate-600 dark:text-slate-300">Your role</dt>
          <dd className="mt-0.5">
            <span className="font-medium">{roleNames[role]}</span>: {roleWords[role]}
          </dd>
        </div>
        <div>
          <dt className="text-slate-600 dark:text-slate-300">What you see</dt>
          <dd className="mt-0.5 font-medium">{placesInWords(siteIds, sites)}</dd>
        </div>
      </dl>
    </Card>
  );
}

interface CardProps {
  id: string;
  error: string | undefined;
}

export function NameCard({ id, name, error }: CardProps & { name: string }) {
  return (
    <Card>
      <CardTitle>Name</CardTitle>
      <Form method="post" action={actionOf(id)} className="space-y-4" noValidate>
        <TextField label="Household or company" name="name" defaultValue={name} maxLength={100} error={error} />
        <Button name="intent" value="rename">
          Save
        </Button>
      </Form>
    </Card>
  );
}

/** Whether members must have a second factor. */
export function SecondFactorCard({ id, isRequired, error }: CardProps & { isRequired: boolean }) {
  return (
    <Card>
      <CardTitle>Two-factor login</CardTitle>
      <FormError>{error}</FormError>
      <p className="mb-4 text-sm text-slate-600 dark:text-slate-300">
        {isRequired
          ? "Every member needs it: who has none sees nothing of this organization until they have set it up."
          : "Each member decides for themselves. You can ask it of everybody: who has none then sees nothing of this organization until they have set it up. API keys and devices go on as they are."}
      </p>
      <Form method="post" action={actionOf(id)}>
        <input type="hidden" name="required" value={isRequired ? "no" : "yes"} />
        <Button look="secondary" name="intent" value="second-factor">
          {isRequired ? "Ask it of nobody" : "Ask it of every member"}
        </Button>
      </Form>
    </Card>
  );
}

interface Heir {
  userId: string;
  name: string;
  email: string;
}

export function TransferCard({ id, heirs, error }: CardProps & { heirs: readonly Heir[] }) {
  const [isOpen, setOpen] = useState(false);
  const [to, setTo] = useState(heirs[0]?.userId ?? "");
  const heir = heirs.find(({ userId }) => userId === to);
  return (
    <Card>
      <CardTitle>Hand over the ownership</CardTitle>
      <FormError>{error}</FormError>
      {!heir ? (
        <p className="text-sm text-slate-600 dark:text-slate-300">Nobody else is a member yet: invite them first.</p>
      ) : (
        <div className="space-y-4">
          <SelectField
            label="To"
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
            hint="They become an owner and see all places; you become an admin."
          >
            {heirs.map(({ userId, name, email }) => (
              <option key={userId} value={userId}>
                {name ? `${name} (${email})` : email}
              </option>
            ))}
          </SelectField>
          <Button type="button" look="secondary" onClick={() => setOpen(true)}>
            Hand over …
          </Button>
          <Dialog open={isOpen} onClose={() => setOpen(false)} title="Hand over the ownership?">
            <p>{heir.name || heir.email} becomes an owner. You become an admin, and cannot take it back yourself.</p>
            <Form method="post" action={actionOf(id)} className="mt-6" onSubmit={() => setOpen(false)}>
              <input type="hidden" name="to" value={to} />
              <Button look="danger" name="intent" value="transfer">
                Hand over
              </Button>
            </Form>
          </Dialog>
        </div>
      )}
    </Card>
  );
}

export function LeaveCard({ id, name, error }: CardProps & { name: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Card>
      <CardTitle>Leave</CardTitle>
      <FormError>{error}</FormError>
      <p className="mb-4 text-sm text-slate-600 dark:text-slate-300">
        You see nothing of {name} any more, until somebody invites you again. The last owner cannot leave.
      </p>
      <Button type="button" look="secondary" onClick={() => setOpen(true)}>
        Leave …
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={`Leave ${name}?`}>
        <p>Its places and devices stay as they are.</p>
        <Form method="post" action={actionOf(id)} className="mt-6" onSubmit={() => setOpen(false)}>
          <Button look="danger" name="intent" value="leave">
            Leave
          </Button>
        </Form>
      </Dialog>
    </Card>
  );
}
