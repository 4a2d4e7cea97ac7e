import type { LoaderFunctionArgs } from "@remix-run/node";
import { Check } from "lucide-react";
import { may, mayInOrganization, roles, type MemberRole } from "../../domain/access/permissions.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { organizationPermissionWords, sitePermissionWords } from "../organization/permission-words.ts";
import { roleNames } from "../organization/role-names.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  await requireOrganization(request, "site.read");
  return null;
}

interface Row {
  words: string;
  may: (role: MemberRole) => boolean;
}

const keysOf = <K extends string>(words: Record<K, string>) => Object.keys(words) as K[];

const atSite = keysOf(sitePermissionWords).map((permission): Row => ({
  words: sitePermissionWords[permission],
  may: (role) => may(role, permission),
}));
const inOrganization = keysOf(organizationPermissionWords).map((permission): Row => ({
  words: organizationPermissionWords[permission],
  may: (role) => mayInOrganization({ role, siteIds: null }, permission),
}));

/** The permission table itself, as the server asks it. */
export default function Roles() {
  return (
    <>
      <PageTitle>Roles</PageTitle>
      <div className="space-y-4">
        <RoleTable title="At a place that they see" rows={atSite} />
        <RoleTable title="In the organization as a whole" rows={inOrganization}>
          Nothing of this is for members who see only some places.
        </RoleTable>
      </div>
    </>
  );
}

function RoleTable({ title, rows, children }: { title: string; rows: readonly Row[]; children?: string }) {
  return (
    <Card>
      <CardTitle>{title}</CardTitle>
      {children && <p className="-mt-2 mb-4 text-sm text-slate-600 dark:text-slate-300">{children}</p>}
      <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label={title}>
        <table className="w-full text-sm">
          <thead className="text-xs text-slate-600 dark:text-slate-300">
            <tr>
              <th scope="col" className="pb-2 text-left font-medium">
                What
              </th>
              {roles.map((role) => (
                <th key={role} scope="col" className="px-1 pb-2 text-center font-medium sm:px-2">
                  {roleNames[role]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
            {rows.map((row) => (
              <tr key={row.words}>
                <th scope="row" className="min-w-28 py-2.5 pr-2 text-left font-normal">
                  {row.words}
                </th>
                {roles.map((role) => (
                  <td key={role} className="px-1 text-center sm:px-2">
                    {row.may(role) ? (
                      <>
                        <Check className="mx-auto h-5 w-5 text-emerald-700 dark:text-emerald-400" aria-hidden />
                        <span className="sr-only">yes</span>
                      </>
                    ) : (
                      <>
                        <span aria-hidden className="text-slate-400 dark:text-slate-600">
                          –
                        </span>
                        <span className="sr-only">no</span>
                      </>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
