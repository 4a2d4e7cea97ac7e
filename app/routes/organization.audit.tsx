import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Download } from "lucide-react";
import { auditPage, textDays } from "../../db/audit.ts";
import { EventList } from "../audit/event-list.tsx";
import { asAuditFilter, filterQuery, readFilter } from "../audit/filter.ts";
import { FilterForm } from "../audit/filter-form.tsx";
import { requireOrganization } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass } from "../components/form.tsx";
import { Card, PageTitle } from "../components/frame.tsx";
import { zoneOf } from "../organization/zone.server.ts";

export const meta: MetaFunction = () => [{ title: "Audit log · Energy Tracking" }];

const perPage = 50;

export async function loader({ request }: LoaderFunctionArgs) {
  const { organizationId } = await requireOrganization(request, "audit.read");
  const query = new URL(request.url).searchParams;
  const filter = readFilter(query);
  const timezone = await zoneOf(organizationId);
  const before = /^\d{1,15}$/.test(query.get("before") ?? "") ? Number(query.get("before")) : null;
  const { items, next } = await auditPage(organizationId, asAuditFilter(filter, timezone), { before, limit: perPage });
  const events = items.map(({ at, ...event }) => ({ ...event, at: at.getTime() }));
  return { filter, timezone, events, next, isFirst: before === null, textDays };
}

/** Who did what to what, from where. */
export default function Audit() {
  const { filter, timezone, events, next, isFirst, textDays } = useLoaderData<typeof loader>();
  const formats = useFormats(timezone);
  const query = filterQuery(filter);
  const older = new URLSearchParams({ ...filter, before: String(next) }).toString();
  return (
    <>
      <PageTitle
        aside={
          <div className="flex gap-2">
            {(["csv", "jsonl"] as const).map((format) => (
              <a
                key={format}
                href={`/organization/audit.${format}${query && `?${query}`}`}
                className={buttonClass("secondary")}
                download
              >
                <Download className="h-4 w-4" aria-hidden /> {format === "csv" ? "CSV" : "JSON Lines"}
              </a>
            ))}
          </div>
        }
      >
        Audit log
      </PageTitle>
      <div className="space-y-4">
        <Card>
          <FilterForm filter={filter} />
        </Card>
        <Card>
          {events.length ? (
            <EventList events={events} formats={formats} />
          ) : (
            <p className="text-sm text-slate-600 dark:text-slate-300">Nothing is on record that fits this.</p>
          )}
          <div className="flex flex-wrap gap-2">
            {next !== null && (
              <Link to={`?${older}`} className={`${buttonClass("secondary")} mt-4`}>
                Older entries
              </Link>
            )}
            {!isFirst && (
              <Link to={query ? `?${query}` : "?"} className={`${buttonClass("secondary")} mt-4`}>
                Newest entries
              </Link>
            )}
          </div>
        </Card>
        <p className="text-sm text-slate-600 dark:text-slate-300">
          Every change, every credential shown, every export and each page that support looks at (once a minute) is on
          record. Entries are only ever added; they end with the organization. A text is looked for in the {textDays}{" "}
          days up to the last day that is chosen, or today.
        </p>
      </div>
    </>
  );
}
