import { Form } from "@remix-run/react";
import { useState } from "react";
import type { MemberRole } from "../../domain/access/permissions.ts";
import { Dialog } from "../components/dialog.tsx";
import { Button } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { AccessFields, placesInWords, type SiteName } from "./access-fields.tsx";
import { actionOf } from "./organization-cards.tsx";
import { roleNames } from "./role-names.ts";

interface ShownMember {
  userId: string;
  name: string;
  email: string;
  role: MemberRole;
  siteIds: readonly string[] | null;
}

interface MembersCardProps {
  /** The organization's. */
  id: string;
  members: readonly ShownMember[];
  sites: readonly SiteName[];
  /** Those that may be given and taken by who looks at this. */
  roles: readonly MemberRole[];
  self: string;
}

export function MembersCard({ id, members, sites, roles, self }: MembersCardProps) {
  const [chosen, setChosen] = useState<ShownMember | null>(null);
  return (
    <Card>
      <CardTitle>{members.length === 1 ? "One member" : `${members.length} members`}</CardTitle>
      <ul className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="members">
        {members.map((member) => (
          <li key={member.userId} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3">
            <div className="min-w-0 flex-1 basis-48">
              <p className="truncate font-medium">
                {member.name || member.email}
                {member.userId === self && (
                  <span className="font-normal text-slate-500 dark:text-slate-400"> (you)</span>
                )}
              </p>
              {member.name && <p className="truncate text-sm text-slate-600 dark:text-slate-300">{member.email}</p>}
            </div>
            <p className="text-sm text-slate-600 dark:text-slate-300">{placesInWords(member.siteIds, sites)}</p>
            <Badge look={member.role === "owner" ? "good" : "plain"}>{roleNames[member.role]}</Badge>
            {roles.includes(member.role) && (
              <Button
                type="button"
                look="secondary"
                aria-label={`Change ${member.name || member.email}`}
                onClick={() => setChosen(member)}
              >
                Change
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Dialog open={chosen !== null} onClose={() => setChosen(null)} title={chosen?.name || chosen?.email || ""}>
        {chosen && (
          <>
            <Form
              method="post"
              action={actionOf(id, "/members")}
              className="space-y-4"
              onSubmit={() => setChosen(null)}
            >
              <input type="hidden" name="member" value={chosen.userId} />
              <AccessFields roles={roles} sites={sites} role={chosen.role} siteIds={chosen.siteIds} />
              <Button name="intent" value="change">
                Save
              </Button>
            </Form>
            <Form
              method="post"
              action={actionOf(id, "/members")}
              className="mt-6 border-t border-slate-200 pt-4 dark:border-slate-700"
              onSubmit={() => setChosen(null)}
            >
              <input type="hidden" name="member" value={chosen.userId} />
              <p className="mb-3 text-sm text-slate-600 dark:text-slate-300">
                Removed, they see nothing of this organization any more, from the next page on.
              </p>
              <Button look="danger" name="intent" value="remove">
                Remove from the organization
              </Button>
            </Form>
          </>
        )}
      </Dialog>
    </Card>
  );
}
