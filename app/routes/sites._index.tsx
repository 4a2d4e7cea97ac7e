import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { requireOrganization } from "../auth/require-member.server.ts";
import { qualityWords } from "../charts/quality-line.tsx";
import { ShareBar } from "../charts/share-bar.tsx";
import { useFormats } from "../charts/use-formats.ts";
import type { Formats } from "../charts/formats.ts";
import { buttonClass } from "../components/form.tsx";
import { co2Text } from "../costs/co2-words.ts";
import { Card, CardTitle, EmptyState, PageTitle } from "../components/frame.tsx";
import { CsvLink } from "../overview/period-controls.tsx";
import { PeriodPicker } from "../period/period-picker.tsx";
import { loadSites, type SiteLine } from "../sites/load-sites.server.ts";

export const meta: MetaFunction = () => [{ title: "All places · Energy Tracking" }];

export async function loader({ request }: LoaderFunctionArgs) {
  const { organizationId, organization: name } = await requireOrganization(request, "site.read");
  const nowMs = Date.now();
  return { name, nowMs, lines: await loadSites(organizationId, new URL(request.url).searchParams, nowMs) };
}

/** The organization: its places beside each other. */
export default function Sites() {
  const { name, lines, nowMs } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const [first] = lines;
  const formats = useFormats(first?.timezone ?? "UTC");
  const total = lines.reduce((sum, { used }) => sum + used, 0);
  return (
    <main className="mx-auto max-w-6xl px-4 py-8 sm:px-6">
      <PageTitle
        aside={
          first && (
            <Link to={`/sites/${first.id}`} className={buttonClass("secondary")}>
              Back to {first.name}
            </Link>
          )
        }
      >
        {name}: all places
      </PageTitle>
      {!first ? (
        <EmptyState
          title="No place yet"
          action={
            <Link to="/sites/new" className={buttonClass()}>
              Add a place
            </Link>
          }
        >
          A place is a home, a workshop: with its own time zone and price.
        </EmptyState>
      ) : (
        <>
          <PeriodPicker period={first.period} formats={formats} />
          <Card>
            <CardTitle
              aside={<CsvLink href={`/sites.csv?${params.toString()}`} label="Download these places as CSV" />}
            >
              {formats.energy(total)} used
            </CardTitle>
            <SiteTable lines={lines} total={total} query={params.toString()} formats={formats} nowMs={nowMs} />
          </Card>
        </>
      )}
    </main>
  );
}

interface TableProps {
  lines: SiteLine[];
  total: number;
  query: string;
  formats: Formats;
  nowMs: number;
}

function SiteTable({ lines, total, query, formats, nowMs }: TableProps) {
  const most = Math.max(1e-9, ...lines.map(({ used }) => used));
  const energy = (kwh: number) => (kwh > 0.0005 ? formats.energy(kwh) : "–");
  const numeric = "py-3 pl-4 text-right tabular-nums";
  const hasCo2 = lines.some(({ emissions }) => emissions);
  const heads = ["Share", "Produced", "From the grid", "To the grid", "Self-sufficiency", ...(hasCo2 ? ["CO₂"] : [])];
  return (
    <table className="w-full text-sm" data-testid="sites">
      <thead className="text-xs text-slate-500 dark:text-slate-400">
        <tr>
          <th scope="col" className="pb-2 text-left font-medium">
            Place
          </th>
          <th scope="col" className="pb-2 pl-4 text-right font-medium">
            Used
          </th>
          {heads.map((text) => (
            <th key={text} scope="col" className="hidden pb-2 pl-4 text-right font-medium md:table-cell">
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
        {[...lines]
          .sort((a, b) => b.used - a.used)
          .map((line) => (
            <tr key={line.id} className="align-top">
              <th scope="row" className="w-1/2 py-3 text-left font-medium md:w-2/5">
                <Link to={`/sites/${line.id}/flows?${query}`} className="hover:underline">
                  {line.name}
                </Link>
                <span className="mt-1.5 block">
                  <ShareBar percent={(100 * line.used) / most} look="fill-emerald-600 dark:fill-emerald-500" />
                </span>
                <span className="mt-1 block text-xs font-normal text-slate-500 dark:text-slate-400">
                  {line.quality ? qualityWords(line.quality, formats, nowMs) : "Nothing counts here yet"}
                </span>
              </th>
              <td className={numeric}>{line.quality ? formats.energy(line.used) : "–"}</td>
              <td className={`hidden md:table-cell ${numeric}`}>
                {line.quality && total > 0 ? formats.percent(line.used / total) : "–"}
              </td>
              <td className={`hidden md:table-cell ${numeric}`}>{energy(line.produced)}</td>
              <td className={`hidden md:table-cell ${numeric}`}>{energy(line.imported)}</td>
              <td className={`hidden md:table-cell ${numeric}`}>{energy(line.exported)}</td>
              <td className={`hidden md:table-cell ${numeric}`}>
                {line.selfSufficiency === null ? "–" : formats.percent(line.selfSufficiency)}
              </td>
              {hasCo2 && (
                <td className={`hidden md:table-cell ${numeric}`}>
                  {line.emissions ? co2Text(line.emissions.importKg, formats) : "–"}
                </td>
              )}
            </tr>
          ))}
      </tbody>
    </table>
  );
}
