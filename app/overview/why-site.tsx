import { Link, useFetcher } from "@remix-run/react";
import { useState } from "react";
import type { Formats } from "../charts/formats.ts";
import type { Medium } from "../../domain/channel.ts";
import { WhyButton } from "../components/why-button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { frozenDate } from "../corrections/frozen-note.tsx";
import { roleNames } from "../site-settings/channel-editor.tsx";
import type { SiteExplanation } from "./explain-site.server.ts";

interface WhySiteProps {
  /** null: for a reader who sees the figure and nothing else. */
  siteId: string | null;
  bar: { startMs: number; endMs: number };
  /** What it is compared with, where the comparison is what is asked about. */
  before?: { startMs: number; endMs: number };
  /** "Monday 3 March". */
  name: string;
  formats: Formats;
  /** Of one medium or one meter alone; left out: whatever counts at the place. */
  of?: { medium: Medium } | { meter: string };
}

/** Which meters a bar of the site comes from, each with the way to its readings. */
export function WhySite({ siteId, bar, before, name, formats, of }: WhySiteProps) {
  const { load, data } = useFetcher<SiteExplanation>();
  const earlier = useFetcher<SiteExplanation>();
  const [isOpen, setIsOpen] = useState(false);
  const found = isOf(data, bar) ? data : null;
  const compared = before && isOf(earlier.data, before) ? earlier.data : null;
  const path = ({ startMs, endMs }: typeof bar) =>
    `/sites/${siteId}/explain?${new URLSearchParams({ from: String(startMs), to: String(endMs), ...of }).toString()}`;
  function open() {
    setIsOpen(true);
    load(path(bar));
    if (before) earlier.load(path(before));
  }
  if (siteId === null) return null;
  return (
    <>
      <WhyButton onClick={open}>{before ? "Why the difference?" : "Why this number?"}</WhyButton>
      <Dialog open={isOpen} onClose={() => setIsOpen(false)} title={`Why? ${name}`}>
        {!found && <p className="text-sm text-slate-600 dark:text-slate-300">Looking at the meters …</p>}
        {found && found.channels.length === 0 && <p className="text-sm">No channel counts at this place yet.</p>}
        {found && found.channels.length > 0 && (
          <>
            <p className="text-sm text-slate-600 dark:text-slate-300">
              The figures of {before ? "both times" : "this time"} are made of what these meters gave.
            </p>
            <ul
              className="mt-2 max-h-[65vh] divide-y divide-slate-100 overflow-y-auto text-sm dark:divide-slate-800"
              tabIndex={0}
            >
              {found.channels.map((channel) => (
                <Meter
                  key={channel.id}
                  {...{ siteId, channel, bar, formats }}
                  earlier={compared?.channels.find(({ id }) => id === channel.id) ?? null}
                  before={before}
                />
              ))}
            </ul>
          </>
        )}
      </Dialog>
    </>
  );
}

const isOf = (data: SiteExplanation | undefined, { startMs, endMs }: WhySiteProps["bar"]): data is SiteExplanation =>
  data?.startMs === startMs && data.endMs === endMs;

type Channel = SiteExplanation["channels"][number];

type MeterProps = Pick<WhySiteProps, "bar" | "before" | "formats"> & {
  siteId: string;
  channel: Channel;
  /** The same meter in the time before. */
  earlier: Channel | null;
};

function Meter({ siteId, channel, bar, before, earlier, formats }: MeterProps) {
  const { deviceName, title, role, unit, amount, estimated, completeness } = channel;
  const value = (n: number) => formats.value(Number(n.toPrecision(6)), unit);
  const more = earlier && amount - earlier.amount;
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
      <div>
        <p className="font-medium">
          {deviceName}: {title}
        </p>
        <p className="text-slate-600 dark:text-slate-400">
          {roleNames[role]}, {formats.percent(completeness)} known
          {estimated > 0 && `, ${value(estimated)} estimated`}
          <Frozen {...{ channel, formats }} startMs={Math.min(bar.startMs, before?.startMs ?? Infinity)} />
        </p>
      </div>
      <div className="ml-auto text-right tabular-nums">
        {more !== null && (
          <p className="font-medium">
            {more >= 0 ? "+" : "−"}
            {value(Math.abs(more))}
          </p>
        )}
        <p>
          {more !== null && "now "}
          {value(amount)} <Readings {...{ siteId, channel, bar }} />
        </p>
        {earlier && before && (
          <p>
            before {value(earlier.amount)} <Readings {...{ siteId, bar: before }} channel={earlier} />
          </p>
        )}
      </div>
    </li>
  );
}

function Frozen({
  channel: { frozenBeforeMs },
  startMs,
  formats,
}: Pick<MeterProps, "channel" | "formats"> & { startMs: number }) {
  if (frozenBeforeMs === null || startMs >= frozenBeforeMs) return null;
  return <>, frozen before {frozenDate(frozenBeforeMs, formats)}: readings of then are kept no longer</>;
}

function Readings({ siteId, channel, bar }: Pick<MeterProps, "siteId" | "channel" | "bar">) {
  const range = bar.endMs - bar.startMs > 3 * 86_400_000 ? "month" : "day";
  const why = `channel=${channel.id}&range=${range}&to=${bar.endMs}&why=${bar.startMs}-${bar.endMs}`;
  return (
    <Link
      to={`/sites/${siteId}/devices/${channel.deviceId}?${why}`}
      className="ml-2 inline-block py-2 font-medium text-emerald-700 underline dark:text-emerald-400"
    >
      Its readings
    </Link>
  );
}
