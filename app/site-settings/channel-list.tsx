import { ChevronRight, CircleCheck } from "lucide-react";
import type { Formats } from "../charts/formats.ts";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { ChannelEditor, roleNames } from "./channel-editor.tsx";
import type { ListedChannel } from "./listed-channel.ts";

interface ListProps {
  channels: ListedChannel[];
  formats: Formats;
  mayChange: boolean;
}

/** What is measured, device by device, and what of it counts. Each line opens to be corrected. */
export function ChannelList({ channels, formats, mayChange }: ListProps) {
  const byDevice = new Map<string, ListedChannel[]>();
  for (const channel of channels) byDevice.set(channel.deviceId, [...(byDevice.get(channel.deviceId) ?? []), channel]);
  return (
    <Card>
      <CardTitle>What counts</CardTitle>
      <p className="-mt-2 mb-5 text-slate-600 dark:text-slate-300">
        A device sends the same flow in several ways; one of them counts. With a grid meter, consumption is what it
        imports and what the roof gives and keeps; without one, it is the sum of the consumers. Roles are guesses until
        you choose.
      </p>
      {channels.length === 0 && <p className="text-slate-600 dark:text-slate-300">No device has reported yet.</p>}
      <div className="space-y-6">
        {[...byDevice].map(([deviceId, own]) => (
          <section key={deviceId}>
            <h3 className="mb-1 text-sm font-semibold">{own[0]!.deviceName}</h3>
            <ul className="divide-y divide-slate-100 border-y border-slate-100 dark:divide-slate-800 dark:border-slate-800">
              {own.map((channel) => (
                <Line key={channel.id} channel={channel} formats={formats} mayChange={mayChange} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Card>
  );
}

function Line({ channel, formats, mayChange }: { channel: ListedChannel; formats: Formats; mayChange: boolean }) {
  const { name, metric, tags, latest, unit, role, isPrimary, chosen, unitAssumed, frozenBeforeMs } = channel;
  const tagText = Object.values(tags).join(", ");
  return (
    <li>
      <details className="group">
        <summary className="flex min-h-14 cursor-pointer list-none flex-wrap items-center gap-x-3 gap-y-1 py-2 [&::-webkit-details-marker]:hidden">
          <ChevronRight
            className="h-4 w-4 shrink-0 text-slate-500 transition-transform group-open:rotate-90 dark:text-slate-400"
            aria-hidden
          />
          <span className="min-w-0 flex-1 basis-40">
            <span className="block truncate font-medium">{name || metric}</span>
            {(name || tagText) && (
              <span className="block truncate text-sm text-slate-600 dark:text-slate-300">
                {[name && metric, tagText].filter(Boolean).join(" · ")}
              </span>
            )}
          </span>
          <span className="text-sm tabular-nums text-slate-600 dark:text-slate-300">
            {latest ? formats.value(latest.value, unit) : "no value yet"}
          </span>
          <span className="flex basis-full flex-wrap items-center gap-1.5 pl-7 sm:basis-auto sm:pl-0">
            {isPrimary && (
              <Badge look="good">
                <CircleCheck className="mr-1 h-3.5 w-3.5" aria-hidden /> counts
              </Badge>
            )}
            {role !== "none" && <Badge>{roleNames[role]}</Badge>}
            {role !== "none" && !chosen && <Badge look="warn">guess</Badge>}
            {unitAssumed && <Badge look="warn">{unit} assumed</Badge>}
            {frozenBeforeMs !== null && <Badge>frozen before {formats.day(frozenBeforeMs)}</Badge>}
          </span>
        </summary>
        <ChannelEditor channel={channel} mayChange={mayChange} formats={formats} />
      </details>
    </li>
  );
}
