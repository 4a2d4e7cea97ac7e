import { Link } from "@remix-run/react";
import { Minus, TrendingDown, TrendingUp } from "lucide-react";
import type { Formats } from "../charts/formats.ts";
import { qualityOf } from "../charts/quality.ts";
import { ShareBar } from "../charts/share-bar.tsx";
import { QualityLine } from "../charts/quality-line.tsx";
import { Card } from "../components/frame.tsx";
import { BillLinks } from "../costs/bill-links.tsx";
import { WhySite } from "./why-site.tsx";
import type { Figure, Overview } from "./load-overview.server.ts";

const heading = "text-sm font-medium text-slate-500 dark:text-slate-400";
const figure = "mt-1 text-3xl font-semibold tabular-nums tracking-tight";

/** Used (or produced) today, against yesterday up to this time. */
export function TodayCard({
  overview,
  siteId,
  formats,
}: {
  overview: Overview;
  /** null: for a reader who sees this card and nothing else. */
  siteId: string | null;
  formats: Formats;
}) {
  const { today, yesterday, abilities, selfSufficiency } = overview;
  const pick = (f: Figure) => (abilities.hasConsumption ? f.consumptionKwh : f.productionKwh);
  return (
    <Card>
      <h2 className={heading}>{abilities.hasConsumption ? "Used today" : "Produced today"}</h2>
      <p className={figure} data-testid="today">
        {today && today.completeness > 0 ? formats.energy(pick(today)) : "–"}
      </p>
      <Comparison
        now={today && pick(today)}
        before={yesterday && yesterday.completeness > 0 ? pick(yesterday) : null}
        isMoreGood={!abilities.hasConsumption}
        formats={formats}
      />
      {abilities.hasConsumption && today && abilities.hasProduction && (
        <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">{producedWords(today, formats)}</p>
      )}
      {selfSufficiency.today !== null && (
        <OwnShare today={selfSufficiency.today} month={selfSufficiency.month} formats={formats} />
      )}
      {today && today.completeness > 0 && (
        <span className="flex flex-wrap gap-x-4">
          <WhySite siteId={siteId} bar={today} name="Today" formats={formats} of={{ medium: "electricity" }} />
          {yesterday && yesterday.completeness > 0 && (
            <WhySite
              {...{ siteId, formats, bar: today, before: yesterday, of: { medium: "electricity" } }}
              name="Today and yesterday"
            />
          )}
        </span>
      )}
    </Card>
  );
}

function producedWords({ productionKwh, exportKwh }: Figure, formats: Formats): string {
  if (productionKwh < 0.0005) return "Nothing produced yet.";
  const given = exportKwh >= 0.0005 ? `, ${formats.energy(exportKwh)} given to the grid` : "";
  return `${formats.energy(productionKwh)} produced${given}.`;
}

function Comparison({
  now,
  before,
  isMoreGood,
  formats,
}: {
  now: number | null;
  before: number | null;
  isMoreGood: boolean;
  formats: Formats;
}) {
  if (now === null || before === null || before <= 0) {
    return <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">Nothing of yesterday to compare with yet.</p>;
  }
  const change = now / before - 1;
  const isEven = Math.abs(change) < 0.01;
  const Icon = isEven ? Minus : change > 0 ? TrendingUp : TrendingDown;
  const look = isEven
    ? "text-slate-600 dark:text-slate-300"
    : change > 0 === isMoreGood
      ? "text-emerald-700 dark:text-emerald-400"
      : "text-amber-700 dark:text-amber-400";
  return (
    <p className="mt-2 text-sm text-slate-600 dark:text-slate-300" data-testid="comparison">
      <span className={`font-semibold ${look}`}>
        <Icon className="mr-1 inline h-4 w-4" aria-hidden />
        {isEven ? "As much as" : `${changeText(change, formats)} ${change > 0 ? "more" : "less"} than`}
      </span>{" "}
      yesterday at this time ({formats.energy(before)}).
    </p>
  );
}

/** "36 %", and where that says little, "4.2 times as much". */
function changeText(change: number, formats: Formats): string {
  return change > 2 ? `${formats.number(change, 1)} times` : formats.percent(Math.abs(change));
}

function OwnShare({ today, month, formats }: { today: number; month: number | null; formats: Formats }) {
  return (
    <div className="mt-3">
      <p className="flex justify-between text-sm text-slate-600 dark:text-slate-300">
        <span>From your own roof</span>
        <span className="font-semibold tabular-nums text-slate-900 dark:text-slate-50">{formats.percent(today)}</span>
      </p>
      <div className="mt-1.5">
        <ShareBar percent={today * 100} look="fill-amber-500" className="bg-amber-500/20" />
      </div>
      {month !== null && (
        <p className="mt-1 text-xs text-slate-500 dark:text-slate-400">{formats.percent(month)} this month</p>
      )}
    </div>
  );
}

/** What today and the month so far cost, by the site's contracts or the one price of its settings. */
export function CostCard({
  overview,
  site,
  formats,
  isAlone = false,
}: {
  overview: Overview;
  site: { id: string | null; currency: string; pricePerKwh: string | null };
  formats: Formats;
  /** For a reader who sees this card and nothing else. */
  isAlone?: boolean;
}) {
  const { today, month, abilities } = overview;
  const day = formats.isoDate(overview.nowMs);
  if (!abilities.hasConsumption) return <MonthCard overview={overview} formats={formats} />;
  return (
    <Card>
      <h2 className={heading}>Cost today</h2>
      {!overview.contracts.length && isAlone ? (
        <p className={figure}>–</p>
      ) : !overview.contracts.length ? (
        <p className="mt-2 text-slate-600 dark:text-slate-300">
          <Link to="contracts" className="font-medium text-emerald-700 underline dark:text-emerald-400">
            Enter your contract
          </Link>{" "}
          or a{" "}
          <Link to="settings" className="underline">
            price per kWh
          </Link>{" "}
          to see what it costs.
        </p>
      ) : (
        <>
          <p className={figure} data-testid="cost-today">
            {today?.cost == null ? "–" : formats.money(today.cost, site.currency)}
          </p>
          {month?.cost != null && (
            <p className="mt-2 text-sm text-slate-600 dark:text-slate-300" data-testid="cost-month">
              <span className="font-semibold text-slate-900 dark:text-slate-50">
                {formats.money(month.cost, site.currency)}
              </span>{" "}
              this month so far, for {formats.energy(abilities.hasGrid ? month.importKwh : month.consumptionKwh)}
              {abilities.hasGrid && abilities.hasProduction && " from the grid"}.
            </p>
          )}
          {!isAlone && (
            <p className="mt-2 text-sm text-slate-500 dark:text-slate-400">
              {overview.contracts.some(({ id }) => id === null) && site.pricePerKwh !== null ? (
                <>
                  At {formats.price(site.pricePerKwh, site.currency)} per kWh ·{" "}
                  <Link to="settings" className="underline">
                    change
                  </Link>
                </>
              ) : (
                <>By {overview.contracts.map(({ name }) => name).join(", ")}</>
              )}
            </p>
          )}
          {!isAlone && today?.cost != null && (
            <p className="mt-2">
              <BillLinks siteId={site.id} contracts={overview.contracts} days={{ first: day, last: day }} />
            </p>
          )}
        </>
      )}
    </Card>
  );
}

function MonthCard({ overview: { month }, formats }: { overview: Overview; formats: Formats }) {
  return (
    <Card>
      <h2 className={heading}>Produced this month</h2>
      <p className={figure}>{month && month.completeness > 0 ? formats.energy(month.productionKwh) : "–"}</p>
    </Card>
  );
}

/** How much of today is known, and until when. */
export function Completeness({
  overview: { today, completeToMs, nowMs },
  formats,
}: {
  overview: Overview;
  formats: Formats;
}) {
  if (!today || completeToMs === null) return null;
  const { startMs, completeness, consumptionKwh, estimatedKwh } = today;
  const quality = qualityOf({
    ...{ startMs, endMs: nowMs, completeness, amount: consumptionKwh, estimatedAmount: estimatedKwh, nowMs },
    knownToMs: completeToMs,
  });
  return <QualityLine of="Today" quality={quality} formats={formats} nowMs={nowMs} />;
}
