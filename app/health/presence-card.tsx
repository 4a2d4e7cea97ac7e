import type { ReactNode } from "react";
import type { DeviceHealth } from "../../db/device-health.ts";
import { ago, type Formats } from "../charts/formats.ts";
import { Badge, Card } from "../components/frame.tsx";
import { presenceWords } from "../device/presence-words.ts";
import { clockWords, rhythmWords } from "./words.ts";

interface PresenceCardProps {
  health: DeviceHealth;
  formats: Formats;
  now: number;
}

const lowBattery = 20;

/** Whether it is there, and how it does, in words. */
export function PresenceCard({ health, formats, now }: PresenceCardProps) {
  const { presence, lastHeardMs, intervalS, battery, signal, clockSkewS } = health;
  const { word, look } = presenceWords[presence];
  const clock = clockWords(clockSkewS);
  return (
    <Card>
      <p className="flex flex-wrap items-center gap-3">
        <Badge look={look}>{word}</Badge>
        <span className="font-medium" data-testid="presence">
          {sentenceOf(health, formats)}
        </span>
      </p>
      <dl className="mt-5 grid grid-cols-1 gap-x-6 gap-y-4 sm:grid-cols-2 lg:grid-cols-4">
        <Fact name="Last heard">
          {lastHeardMs === null ? "never" : `${ago(lastHeardMs, now)}, ${formats.dateTime(lastHeardMs)}`}
        </Fact>
        <Fact name="Sends">{rhythmWords(intervalS)}</Fact>
        {battery && (
          <Fact name="Battery">
            {formats.value(battery.value, "%")}, {ago(battery.timeMs, now)}
            {battery.value < lowBattery && (
              <span className="ml-2">
                <Badge look="warn">low</Badge>
              </span>
            )}
          </Fact>
        )}
        {signal && (
          <Fact name="Signal">
            {formats.value(signal.value, "dBm")}, {ago(signal.timeMs, now)}
          </Fact>
        )}
        <Fact name="Clock" isWide>
          <span className={clock.isRight ? "" : "font-medium text-amber-800 dark:text-amber-300"}>{clock.words}</span>
        </Fact>
      </dl>
    </Card>
  );
}

function sentenceOf({ presence, missedFromMs, lastHeardMs }: DeviceHealth, formats: Formats): string {
  if (presence === "never") return "Nothing came of it yet.";
  if (presence === "offline") return "It (or its gateway) said that it goes, and nothing came since.";
  if (missedFromMs === null) return "It sends only what changes: its silence says nothing.";
  const missed = formats.shortDateTime(missedFromMs);
  if (presence === "online") return `It reports. It is missed from ${missed} on, if nothing comes until then.`;
  return `Nothing came since ${formats.shortDateTime(lastHeardMs!)}; by its rhythm it is missed since ${missed}.`;
}

function Fact({ name, isWide = false, children }: { name: string; isWide?: boolean; children: ReactNode }) {
  return (
    <div className={isWide ? "sm:col-span-2 lg:col-span-4" : ""}>
      <dt className="text-sm text-slate-600 dark:text-slate-300">{name}</dt>
      <dd className="mt-0.5">{children}</dd>
    </div>
  );
}
