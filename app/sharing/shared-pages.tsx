import { QualityLine } from "../charts/quality-line.tsx";
import { useFormats, useNow } from "../charts/use-formats.ts";
import { Card, CardTitle, EmptyState } from "../components/frame.tsx";
import { ContractsCard, CostBars, EmissionsCard, TotalCard } from "../costs/cost-cards.tsx";
import { ConsumerTable } from "../flows/consumer-table.tsx";
import { FlowBars, FlowFigures, FlowWarnings } from "../flows/flow-cards.tsx";
import { FlowTable } from "../flows/flow-table.tsx";
import { graphOf } from "../flows/sankey-graph.ts";
import { Sankey } from "../flows/sankey.tsx";
import { wordsOfLinks } from "../flows/worth-words.ts";
import { EnergyCard } from "../overview/energy-card.tsx";
import { Completeness, CostCard, TodayCard } from "../overview/figure-cards.tsx";
import { PowerCard } from "../overview/power-card.tsx";
import { PowerDayCard } from "../overview/power-day-card.tsx";
import { periodName } from "../period/period-picker.tsx";
import type { Shared } from "./load-shared.server.ts";

type Of<W extends Shared["what"]> = Extract<Shared, { what: W }>;

/** The site's dashboard, as it was when the page was loaded. */
export function SharedOverview({ site, overview, measured }: Of<"overview">) {
  const formats = useFormats(site.timezone);
  const now = useNow(overview.nowMs);
  return (
    <>
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2 lg:grid-cols-3">
        <PowerCard measured={measured} overview={overview} formats={formats} now={now} />
        <TodayCard siteId={null} overview={overview} formats={formats} />
        <CostCard overview={overview} site={{ ...site, id: null, pricePerKwh: null }} formats={formats} isAlone />
      </div>
      <Completeness overview={overview} formats={formats} />
      <PowerDayCard overview={overview} siteId={null} measured={measured} now={now} formats={formats} />
      <div className="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-2">
        {(["days", "months"] as const).map((kind) => (
          <EnergyCard key={kind} siteId={null} currency={site.currency} {...{ kind, overview, formats }} />
        ))}
      </div>
    </>
  );
}

/** The site's flows over the link's period. */
export function SharedFlows({ site, flows }: Of<"flows">) {
  const formats = useFormats(site.timezone);
  const { period, total, worth, consumers, bars, quality, nowMs } = flows;
  const { currency } = site;
  if (!total || !quality)
    return <EmptyState title="Nothing was counted here">Nothing flowed in this period.</EmptyState>;
  const outermost = consumers.filter(({ wholeId }) => wholeId === null);
  return (
    <>
      <h2 className="mb-4 text-lg font-semibold">{periodName(period, formats)}</h2>
      <FlowFigures total={total} formats={formats} />
      <FlowWarnings total={total} consumers={consumers} formats={formats} isAlone />
      <Card>
        <CardTitle>From where to where</CardTitle>
        <Sankey
          graph={graphOf(total, consumers)}
          shallow={graphOf(total, outermost)}
          worthOf={wordsOfLinks(flows, { currency, formats })}
          formats={formats}
        />
        <QualityLine quality={quality} formats={formats} nowMs={nowMs} />
        <div className="mt-4 grid grid-cols-1 gap-x-10 gap-y-6 xl:grid-cols-2">
          <FlowTable {...{ total, worth, currency, formats }} siteId={null} query="" />
          <ConsumerTable {...{ flows, total, currency, formats }} siteId={null} query="" />
        </div>
      </Card>
      <FlowBars bars={bars} total={total} step={period.step} nowMs={nowMs} csv={null} siteId={null} formats={formats} />
    </>
  );
}

/** The site's costs over the link's period. */
export function SharedCosts({ site, costs }: Of<"costs">) {
  const formats = useFormats(site.timezone);
  const shown = { costs, currency: site.currency, formats, siteId: null };
  if (!costs.total) return <EmptyState title="No contract held in this period">So nothing has a cost.</EmptyState>;
  return (
    <>
      <h2 className="mb-4 text-lg font-semibold">{periodName(costs.period, formats)}</h2>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-3">
        <TotalCard {...shown} />
        <div className="lg:col-span-2">
          <CostBars {...shown} step={costs.period.step} csv={null} />
        </div>
      </div>
      <ContractsCard {...shown} />
      <EmissionsCard costs={costs} formats={formats} />
    </>
  );
}
