import { Form } from "@remix-run/react";
import { Building2 } from "lucide-react";

export interface OrganizationName {
  id: string;
  name: string;
}

/** The other organizations that a person belongs to, each a button that goes there. */
export function OrganizationSwitch({ others, className }: { others: readonly OrganizationName[]; className: string }) {
  return others.map(({ id, name }) => (
    <Form key={id} method="post" action="/switch-organization" reloadDocument>
      <button name="organization" value={id} className={className}>
        <Building2 className="h-4 w-4 shrink-0" aria-hidden />
        <span className="truncate">
          <span className="sr-only">Switch to </span>
          {name}
        </span>
      </button>
    </Form>
  ));
}
