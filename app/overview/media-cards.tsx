import { Link } from "@remix-run/react";
import type { Formats } from "../charts/formats.ts";
import { QualityLine } from "../charts/quality-line.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { mediumNames } from "../usage/medium-names.ts";
import { amountWords, UsageBars } from "../usage/usage-cards.tsx";
import type { MediumFigures } from "./load-media.server.ts";
import { CsvLink } from "./period-controls.tsx";

interface CardsProps {
  media: MediumFigures[];
  siteId: string;
  nowMs: number;
  formats: Formats;
}

/** Gas, water and heat: today and this month by days, each in its own unit. */
export function MediaCards({ media, siteId, nowMs, formats }: CardsProps) {
  if (!media.length) return null;
  return (
    <div className="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-2">
      {media.map(({ medium, unit, today, month, bars, quality }) => {
        const query = `range=month&medium=${medium}&unit=${encodeURIComponent(unit)}`;
        return (
          <Card key={`${medium} ${unit}`}>
            <CardTitle
              aside={
                <div className="-my-2 -mr-2 flex items-center">
                  <CsvLink
                    href={`/sites/${siteId}/usage.csv?chart=bars&${query}`}
                    label={`Download ${mediumNames[medium]} of this month as CSV`}
                  />
                </div>
              }
            >
              <Link to={`/sites/${siteId}/usage?${query}`} className="hover:underline">
                {mediumNames[medium]}
              </Link>
            </CardTitle>
            <p className="-mt-2 mb-3" data-testid={`medium-${medium}`}>
              <span className="text-2xl font-semibold tabular-nums">{amountWords(today, unit, formats)}</span>{" "}
              <span className="text-sm text-slate-600 dark:text-slate-300">
                today, {amountWords(month, unit, formats)} this month
              </span>
            </p>
            <UsageBars
              {...{
                bars,
                unit,
                nowMs,
                siteId,
                formats,
                of: { medium },
                step: "day",
                label: `${mediumNames[medium]} this month, by day`,
              }}
            />
            <QualityLine quality={quality} formats={formats} nowMs={nowMs} of="This month" />
          </Card>
        );
      })}
    </div>
  );
}
