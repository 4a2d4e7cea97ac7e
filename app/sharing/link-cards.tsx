import { Form } from "@remix-run/react";
import { useState } from "react";
import type { SharedPage } from "../../db/shared-links.ts";
import { useFormats } from "../charts/use-formats.ts";
import { CodeBlock } from "../components/code-block.tsx";
import { Button, FormError, SelectField, TextField, useFocusOnError } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { actionOf } from "../organization/organization-cards.tsx";
import type { SiteName } from "../organization/access-fields.tsx";
import type { LinkErrors } from "./read-link.server.ts";

const pageNames: Record<SharedPage, string> = { overview: "Overview", flows: "Flows", costs: "Costs" };
const rangeNames = { day: "Day", week: "Week", month: "Month", year: "Year" };

/** The link, this once: only its hash is kept. */
export function MadeLinkCard({ url, name }: { url: string; name: string }) {
  return (
    <Card className="!border-emerald-600">
      <CardTitle>The link for {name}</CardTitle>
      <p className="mb-3 text-sm text-slate-600 dark:text-slate-300">
        Copy it now: it is not shown again. Whoever has it can read this one page, without an account, until it runs out
        or you revoke it.
      </p>
      <div data-testid="made-link">
        <CodeBlock code={url} label="the link" />
      </div>
    </Card>
  );
}

interface NewLinkProps {
  /** The organization's. */
  id: string;
  sites: readonly SiteName[];
  errors: LinkErrors;
}

export function NewLinkCard({ id, sites, errors }: NewLinkProps) {
  const [what, setWhat] = useState<SharedPage>("overview");
  const [isFixed, setFixed] = useState(false);
  useFocusOnError(errors);
  return (
    <Card>
      <CardTitle>Share one page</CardTitle>
      <Form method="post" action={actionOf(id, "/links")} className="grid gap-4 sm:grid-cols-2" noValidate>
        {errors.form && (
          <div className="sm:col-span-2">
            <FormError>{errors.form}</FormError>
          </div>
        )}
        <TextField label="For" name="name" maxLength={100} error={errors.name} hint="So that you know it again." />
        <SelectField label="Place" name="site">
          {sites.map((site) => (
            <option key={site.id} value={site.id}>
              {site.name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Page"
          name="what"
          value={what}
          onChange={(event) => setWhat(event.currentTarget.value as SharedPage)}
        >
          {Object.entries(pageNames).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Works for so many days"
          name="days"
          type="number"
          min={1}
          max={366}
          defaultValue={30}
          error={errors.days}
        />
        {what !== "overview" && (
          <>
            <SelectField label="Period" name="range" defaultValue="month">
              {Object.entries(rangeNames).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </SelectField>
            <SelectField
              label="Which one"
              name="which"
              value={isFixed ? "fixed" : "running"}
              onChange={(event) => setFixed(event.currentTarget.value === "fixed")}
            >
              <option value="running">The running one, whenever it is opened</option>
              <option value="fixed">Always the same one</option>
            </SelectField>
            {isFixed && <TextField label="By a day in it" name="day" type="date" error={errors.day} />}
          </>
        )}
        <div className="sm:col-span-2">
          <Button name="intent" value="create">
            Make the link
          </Button>
        </div>
      </Form>
    </Card>
  );
}

interface ShownLink {
  id: string;
  siteName: string;
  name: string;
  what: SharedPage;
  range: string | null;
  atDay: string | null;
  createdBy: string | null;
  expiresAtMs: number;
  isRevoked: boolean;
  lastUsedAtMs: number | null;
}

/** Those that are open, and those that ended lately. */
export function LinksCard({ id, links, nowMs }: { id: string; links: readonly ShownLink[]; nowMs: number }) {
  const formats = useFormats("UTC");
  if (!links.length) return null;
  return (
    <Card>
      <CardTitle>Links</CardTitle>
      <ul className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="links">
        {links.map((link) => {
          const isOpen = !link.isRevoked && link.expiresAtMs > nowMs;
          return (
            <li key={link.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
              <div className="min-w-0 flex-1 basis-56">
                <p className="truncate font-medium">{link.name}</p>
                <p className="text-sm text-slate-600 dark:text-slate-300">
                  {link.siteName}: {pageNames[link.what]}
                  {link.range && `, ${link.range}${link.atDay ? ` of ${link.atDay}` : ""}`}
                  {link.createdBy && ` · by ${link.createdBy}`}
                </p>
                <p className="text-sm text-slate-500 dark:text-slate-400">
                  {link.lastUsedAtMs === null ? "Never opened" : `Last opened ${formats.longDay(link.lastUsedAtMs)}`}
                </p>
              </div>
              {isOpen ? (
                <Badge look="good">until {formats.longDay(link.expiresAtMs)}</Badge>
              ) : (
                <Badge>{link.isRevoked ? "revoked" : "run out"}</Badge>
              )}
              {isOpen && (
                <Form method="post" action={actionOf(id, "/links")}>
                  <input type="hidden" name="link" value={link.id} />
                  <Button look="secondary" name="intent" value="revoke" aria-label={`Revoke the link for ${link.name}`}>
                    Revoke
                  </Button>
                </Form>
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
