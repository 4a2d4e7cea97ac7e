import { Form } from "@remix-run/react";
import type { MemberRole } from "../../domain/access/permissions.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Button, TextField, useFocusOnError } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { AccessFields, placesInWords, type SiteName } from "./access-fields.tsx";
import { actionOf } from "./organization-cards.tsx";
import { roleNames } from "./role-names.ts";

interface ShownInvitation {
  id: string;
  email: string;
  role: MemberRole;
  siteIds: readonly string[] | null;
  invitedBy: string | null;
  expiresAtMs: number;
}

interface InvitationsCardProps {
  /** The organization's. */
  id: string;
  invitations: readonly ShownInvitation[];
  sites: readonly SiteName[];
  roles: readonly MemberRole[];
  nowMs: number;
  answer: { done?: string; error?: string; email?: string } | undefined;
}

/** Whom to ask in, and who was asked and has not answered yet. */
export function InvitationsCard({ id, invitations, sites, roles, nowMs, answer }: InvitationsCardProps) {
  const formats = useFormats("UTC");
  useFocusOnError(answer);
  return (
    <Card>
      <CardTitle>Invite somebody</CardTitle>
      <Form method="post" action={actionOf(id, "/members")} className="space-y-4" noValidate key={answer?.done}>
        <TextField
          label="E-mail address"
          name="email"
          type="email"
          autoComplete="off"
          defaultValue={answer?.error ? answer.email : ""}
          error={answer?.error}
          hint="They get a link that works for 7 days, with or without an account here."
        />
        <AccessFields roles={roles} sites={sites} role="viewer" siteIds={null} />
        <Button name="intent" value="invite">
          Send the invitation
        </Button>
      </Form>
      {invitations.length > 0 && (
        <>
          <h3 className="mt-8 text-sm font-semibold">Waiting</h3>
          <ul className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="invitations">
            {invitations.map((one) => (
              <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
                <div className="min-w-0 flex-1 basis-48">
                  <p className="truncate font-medium">{one.email}</p>
                  <p className="text-sm text-slate-600 dark:text-slate-300">
                    {one.invitedBy && `Invited by ${one.invitedBy} · `}
                    {one.expiresAtMs > nowMs ? `works until ${formats.longDay(one.expiresAtMs)}` : "has run out"}
                  </p>
                </div>
                <p className="text-sm text-slate-600 dark:text-slate-300">{placesInWords(one.siteIds, sites)}</p>
                <Badge>{roleNames[one.role]}</Badge>
                {roles.includes(one.role) && (
                  <Form method="post" action={actionOf(id, "/members")} className="flex gap-2">
                    <input type="hidden" name="invitation" value={one.id} />
                    <Button look="secondary" name="intent" value="resend" aria-label={`Send again to ${one.email}`}>
                      Send again
                    </Button>
                    <Button
                      look="secondary"
                      name="intent"
                      value="revoke"
                      aria-label={`Revoke the invitation of ${one.email}`}
                    >
                      Revoke
                    </Button>
                  </Form>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
