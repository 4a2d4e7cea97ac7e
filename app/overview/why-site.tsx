import { Link, useFetcher } from "@remix-run/react";
import { useState } from "react";
import type { Formats } from "../charts/formats.ts";
import type { Medium } from "../../domain/channel.ts";
import { WhyButton } from "../components/why-button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { roleNames } from "../site-settings/channel-editor.tsx";
import type { SiteExplanation } from "./explain-site.server.ts";

interface WhySiteProps {
  /** null: for a reader who sees the figure and nothing else. */
  siteId: string | null;
  bar: { startMs: number; endMs: number };
  /** "Monday 3 March". */
  name: string;
  formats: Formats;
  /** Of one medium or one meter alone; left out: whatever counts at the place. */
  of?: { medium: Medium } | { meter: string };
}

/** Which meters a bar of the site comes from, each with the way to its readings. */
export function WhySite({ siteId, bar, name, formats, of }: WhySiteProps) {
  const { load, data } = useFetcher<SiteExplanation>();
  const [isOpen, setIsOpen] = useState(false);
  const found = data?.startMs === bar.startMs && data.endMs === bar.endMs ? data : null;
  function open() {
    setIsOpen(true);
    const query = new URLSearchParams({ from: String(bar.startMs), to: String(bar.endMs), ...of });
    load(`/sites/${siteId}/explain?${query.toString()}`);
  }
  if (siteId === null) return null;
  return (
    <>
      <WhyButton onClick={open} />
      <Dialog open={isOpen} onClose={() => setIsOpen(false)} title={`Why? ${name}`}>
        {!found && <p className="text-sm text-slate-600 dark:text-slate-300">Looking at the meters …</p>}
        {found && found.channels.length === 0 && <p className="text-sm">No channel counts at this place yet.</p>}
        {found && found.channels.length > 0 && (
          <>
            <p className="text-sm text-slate-600 dark:text-slate-300">
              The figures of this time are made of what these meters gave.
            </p>
            <ul className="mt-2 divide-y divide-slate-100 text-sm dark:divide-slate-800">
              {found.channels.map((channel) => (
                <Meter key={channel.id} siteId={siteId} channel={channel} bar={bar} formats={formats} />
              ))}
            </ul>
          </>
        )}
      </Dialog>
    </>
  );
}

type MeterProps = Pick<WhySiteProps, "bar" | "formats"> & {
  siteId: string;
  channel: SiteExplanation["channels"][number];
};

function Meter({ siteId, channel, bar, formats }: MeterProps) {
  const { id, deviceId, deviceName, title, role, unit, amount, estimated, completeness } = channel;
  const value = (n: number) => formats.value(Number(n.toPrecision(6)), unit);
  const range = bar.endMs - bar.startMs > 3 * 86_400_000 ? "month" : "day";
  const why = `channel=${id}&range=${range}&to=${bar.endMs}&why=${bar.startMs}-${bar.endMs}`;
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 py-2">
      <div>
        <p className="font-medium">
          {deviceName}: {title}
        </p>
        <p className="text-slate-600 dark:text-slate-400">
          {roleNames[role]}, {formats.percent(completeness)} known
          {estimated > 0 && `, ${value(estimated)} estimated`}
        </p>
      </div>
      <p className="tabular-nums">
        {value(amount)}{" "}
        <Link
          to={`/sites/${siteId}/devices/${deviceId}?${why}`}
          className="ml-2 inline-block py-2 font-medium text-emerald-700 underline dark:text-emerald-400"
        >
          Its readings
        </Link>
      </p>
    </li>
  );
}
