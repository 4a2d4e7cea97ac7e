import { Link } from "@remix-run/react";
import type { ChannelRow } from "../../db/channels.ts";
import { ago, type Formats } from "../charts/formats.ts";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { channelTitle, kindWords, roleWords } from "./channel-words.ts";
import type { RangeName } from "./ranges.ts";

/** A channel with its newest value, and how long that speaks for now. */
export type ShownChannel = Pick<
  ChannelRow,
  | "id"
  | "name"
  | "metric"
  | "tags"
  | "kind"
  | "quantity"
  | "role"
  | "unit"
  | "unitAssumed"
  | "isPrimary"
  | "latest"
  | "frozenBeforeMs"
> & { staleAfterMs: number };

interface ChannelListProps {
  channels: ShownChannel[];
  chosenId: number;
  range: RangeName;
  settingsPath: string;
  formats: Formats;
  now: number;
}

/** What the device measures, live. A row opens its chart. */
export function ChannelList({ channels, chosenId, range, settingsPath, formats, now }: ChannelListProps) {
  return (
    <Card className="lg:col-span-2">
      <CardTitle aside={<span className="text-sm text-slate-500 dark:text-slate-400">{channels.length}</span>}>
        Channels
      </CardTitle>
      <ul className="-mx-2 divide-y divide-slate-100 dark:divide-slate-800">
        {channels.map((channel) => (
          <li
            key={channel.id}
            className={`flex flex-wrap items-center rounded-lg sm:flex-nowrap ${channel.id === chosenId ? "bg-emerald-50 dark:bg-emerald-950/60" : "hover:bg-slate-50 dark:hover:bg-slate-800"}`}
          >
            <Link
              to={`?channel=${channel.id}&range=${range}`}
              preventScrollReset
              aria-current={channel.id === chosenId ? "true" : undefined}
              className="flex min-h-14 w-full min-w-0 flex-auto items-center justify-between gap-3 rounded-lg px-2 py-2"
            >
              <span className="min-w-0">
                <span className="block truncate font-medium">{channelTitle(channel)}</span>
                <span className="block truncate text-sm text-slate-500 dark:text-slate-400">
                  <code className="text-xs">{channel.metric}</code> · {kindWords[channel.kind]}
                  {roleWords[channel.role] && ` · ${roleWords[channel.role]}`}
                </span>
              </span>
              <Value channel={channel} formats={formats} now={now} />
            </Link>
            <Marks channel={channel} settingsPath={settingsPath} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Value({
  channel: { latest, metric, unit, staleAfterMs },
  formats,
  now,
}: {
  channel: ShownChannel;
  formats: Formats;
  now: number;
}) {
  if (!latest) return <span className="text-sm text-slate-500 dark:text-slate-400">no value yet</span>;
  const isStale = now - latest.timeMs > staleAfterMs;
  return (
    <span className="shrink-0 text-right">
      <span
        className={`block whitespace-nowrap font-semibold tabular-nums ${isStale ? "text-slate-500 dark:text-slate-400" : ""}`}
        data-testid={`value-${metric}`}
      >
        {formats.value(latest.value, unit)}
      </span>
      <span
        className={`block whitespace-nowrap text-xs ${isStale ? "font-medium text-amber-800 dark:text-amber-300" : "text-slate-500 dark:text-slate-400"}`}
      >
        {ago(latest.timeMs, now)}
      </span>
    </span>
  );
}

/** What should be known of the channel at a glance: it counts for the site, or its unit was assumed. */
function Marks({
  channel: { isPrimary, unit, unitAssumed, role },
  settingsPath,
}: {
  channel: ShownChannel;
  settingsPath: string;
}) {
  return (
    <span className="-mt-1 flex shrink-0 gap-1 px-2 pb-2 empty:hidden sm:mt-0 sm:w-32 sm:flex-col sm:items-end sm:px-2 sm:py-1 sm:empty:flex">
      {isPrimary && role !== "none" && (
        <span title="The site's totals count this channel.">
          <Badge look="good">counts</Badge>
        </span>
      )}
      {unitAssumed && (
        <Link to={settingsPath} title="The messages do not say the unit. Correct it in the settings.">
          <Badge look="warn">{unit ? `${unit} assumed` : "assumed"}</Badge>
        </Link>
      )}
    </span>
  );
}
