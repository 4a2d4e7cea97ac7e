import { Link } from "@remix-run/react";
import { ArrowRight } from "lucide-react";
import type { ChannelPair } from "../../db/merge.ts";
import type { Formats } from "../charts/formats.ts";
import { unitSign } from "../charts/formats.ts";
import { TextField } from "../components/form.tsx";
import { Badge } from "../components/frame.tsx";
import { channelTitle } from "../device/channel-words.ts";
import { firstField, lastField } from "./registers.ts";

type Channel = Pick<ChannelPair["from"], "id" | "name" | "metric" | "tags" | "kind" | "unit" | "latest" | "deviceName">;

/** A pair as far as a page shows it. */
export interface ShownPair {
  from: Channel;
  into: Channel | null;
  isClash: boolean;
}

const channelOf = ({ id, name, metric, tags, kind, unit, latest, deviceName }: ChannelPair["from"]): Channel => ({
  ...{ id, name, metric, tags, kind, unit, latest, deviceName },
});

export const shownPair = ({ from, into, isClash }: ChannelPair): ShownPair => ({
  from: channelOf(from),
  into: into && channelOf(into),
  isClash,
});

interface PairListProps {
  pairs: ShownPair[];
  formats: Formats;
  settingsPath: string;
  /** Counters go on with another register: what the two showed can be entered. */
  withRegisters?: boolean;
}

/** What becomes of each channel. */
export function PairList({ pairs, formats, settingsPath, withRegisters = false }: PairListProps) {
  if (!pairs.length)
    return <p className="text-slate-600 dark:text-slate-300">It has no channels yet: only its name goes over.</p>;
  return (
    <ul className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="pairs">
      {pairs.map(({ from, into, isClash }) => (
        <li key={from.id} className="py-3 first:pt-0">
          <div className="grid grid-cols-1 items-center gap-x-3 gap-y-1 sm:grid-cols-[1fr_auto_1fr]">
            <Side channel={from} formats={formats} />
            <ArrowRight className="hidden h-4 w-4 text-slate-500 sm:block dark:text-slate-400" aria-hidden />
            {isClash ? (
              <p className="text-sm text-rose-700 dark:text-rose-400">
                has the name of another quantity there: correct one of the two in the{" "}
                <Link to={settingsPath} className="font-medium underline">
                  settings
                </Link>{" "}
                first
              </p>
            ) : into ? (
              <span className="flex items-center gap-2">
                <span className="text-sm text-slate-600 sm:sr-only dark:text-slate-300">continues</span>
                <Side channel={into} formats={formats} />
              </span>
            ) : (
              <p className="text-sm text-slate-600 dark:text-slate-300">moves there as it is, with its history</p>
            )}
          </div>
          {withRegisters && into?.kind === "counter" && <Registers from={from} into={into} formats={formats} />}
        </li>
      ))}
    </ul>
  );
}

function Side({ channel, formats }: { channel: Channel; formats: Formats }) {
  const { latest, unit, deviceName } = channel;
  return (
    <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2">
      <span className="font-medium">{channelTitle(channel)}</span>
      <span className="text-sm text-slate-600 dark:text-slate-300">{deviceName}</span>
      {latest && <Badge>{formats.value(latest.value, unit)}</Badge>}
    </span>
  );
}

function Registers({ from, into, formats }: { from: Channel; into: Channel; formats: Formats }) {
  const unit = unitSign(into.unit);
  const example = (channel: Channel) =>
    typeof channel.latest?.value === "number" ? formats.value(channel.latest.value, channel.unit) : "none";
  return (
    <div className="mt-3 grid grid-cols-1 gap-4 rounded-xl bg-slate-50 p-4 sm:grid-cols-2 dark:bg-slate-950">
      <TextField
        label={`Old register at its end${unit && `, ${unit}`}`}
        name={lastField(into.id)}
        inputMode="decimal"
        autoComplete="off"
        hint={`May stay empty. Its newest reading: ${example(into)}.`}
      />
      <TextField
        label={`New register at its beginning${unit && `, ${unit}`}`}
        name={firstField(into.id)}
        inputMode="decimal"
        autoComplete="off"
        hint={`May stay empty: it counts from its first reading. Its newest one: ${example(from)}.`}
      />
    </div>
  );
}
