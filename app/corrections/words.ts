import type { Correction } from "../../domain/energy/corrections.ts";
import type { EventType, MeterEvent } from "../../domain/energy/event.ts";
import type { Judgement } from "../../domain/energy/judgement.ts";
import type { Formats } from "../charts/formats.ts";

/** Events and corrections in words for people who have never read a meter's manual. */

export const eventNames: Record<EventType, string> = {
  jitter: "Small dip",
  glitch: "Wrong reading",
  rollover: "Went round",
  reset: "Started again",
  replacement: "Other meter",
  pending: "Not clear yet",
};

export const judgementNames: Record<Judgement, string> = {
  glitch: "A wrong reading: ignore it",
  reset: "The meter started again from 0",
  rollover: "The register went past its end and round to 0",
  replacement: "Another meter counts from here",
  jitter: "A small dip: ignore it",
  rise: "Real, however fast it was",
};

/** "The meter started again from 0 at 18:02: 0.5 kWh counted since." */
export function eventSentence(
  { type, timeMs, before, after, counted }: MeterEvent,
  unit: string | null,
  formats: Formats,
): string {
  const when = formats.shortDateTime(timeMs);
  const value = (n: number) => formats.value(Number(n.toPrecision(12)), unit);
  switch (type) {
    case "jitter":
      return `The register dipped from ${value(before)} to ${value(after)} at ${when}. The dip is ignored.`;
    case "glitch":
      return `${value(after)} at ${when} is a wrong reading, between ones near ${value(before)}. It is ignored.`;
    case "rollover":
      return `The register went past its end at ${when}, from ${value(before)} round to ${value(after)}: ${value(counted)} counted.`;
    case "reset":
      return `The meter started again from 0 at ${when}${counted > 0 ? `: ${value(counted)} counted since` : ""}. Before, it stood at ${value(before)}.`;
    case "replacement":
      return `Another meter counts since ${when}: the jump from ${value(before)} to ${value(after)} is not energy${counted > 0 ? `; ${value(counted)} were read of the two` : ""}.`;
    case "pending":
      return `The register jumped from ${value(before)} to ${value(after)} at ${when}. It counts nothing until later readings show what it was.`;
  }
}

export function correctionSentence(correction: Correction, unit: string | null, formats: Formats): string {
  const when = (ms: number) => formats.shortDateTime(ms);
  const value = (n: number) => formats.value(Number(n.toPrecision(12)), unit);
  switch (correction.what) {
    case "exclude":
      return correction.toMs - correction.fromMs < 1
        ? `The reading of ${when(correction.fromMs)} is left out.`
        : `Readings from ${when(correction.fromMs)} to ${when(correction.toMs)} are left out.`;
    case "scale":
      return `Readings from ${when(correction.fromMs)} to ${when(correction.toMs)} are multiplied by ${formats.number(correction.factor, 6)}.`;
    case "reading":
      return `${value(correction.value)} was read by hand at ${when(correction.atMs)}.`;
    case "judge":
      return `The reading of ${when(correction.atMs)}: ${lowered(judgementNames[correction.as])}.`;
    case "replace": {
      const { finalValue, firstValue } = correction;
      const parts = [
        ...(finalValue === null ? [] : [`the old one ended at ${value(finalValue)}`]),
        ...(firstValue === null ? [] : [`the new one began at ${value(firstValue)}`]),
      ];
      return `Another meter counts since ${when(correction.atMs)}${parts.length ? `: ${parts.join(", ")}` : ""}.`;
    }
  }
}

const lowered = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
