import { useFetcher } from "@remix-run/react";
import { useEffect, useState } from "react";
import type { Formats } from "../charts/formats.ts";
import { hatch } from "../charts/legend.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Button } from "../components/form.tsx";
import type { ExplainedPiece, Explanation, IgnoredReading } from "./explain.server.ts";
import { FrozenNote } from "./frozen-note.tsx";
import { correctionSentence, eventSentence } from "./words.ts";

/** The stretch whose figure is in question. */
export interface Questioned {
  startMs: number;
  endMs: number;
}

interface WhyPanelProps {
  path: string;
  channelId: number;
  /** Of its energy. */
  unit: string | null;
  /** null: closed. */
  bar: Questioned | null;
  title: string;
  onClose: () => void;
  /** Leads to what can be done where the figure is wrong. */
  onRepair: () => void;
  formats: Formats;
}

/** Why a bar is what it is: what was measured and estimated, what was ignored, and the readings behind it, page by page. */
export function WhyPanel({ path, channelId, bar, title, onClose, ...view }: WhyPanelProps) {
  const { load, data, state } = useFetcher<Explanation>();
  const [startMs, setStartMs] = useState<number | null>(null);
  const [fromMs, toMs] = [bar?.startMs, bar?.endMs];
  useEffect(() => setStartMs(null), [fromMs, toMs]);
  useEffect(() => {
    if (fromMs === undefined || toMs === undefined) return;
    const page = startMs === null ? "" : `&start=${startMs}`;
    load(`${path}/explain?channel=${channelId}&from=${fromMs}&to=${toMs}${page}`);
  }, [load, path, channelId, fromMs, toMs, startMs]);
  const found = data?.fromMs === fromMs && data?.toMs === toMs ? data : null;
  return (
    <Dialog open={bar !== null} onClose={onClose} title={`Why? ${title}`}>
      {found ? (
        <div
          aria-busy={state !== "idle"}
          className="max-h-[70vh] space-y-4 overflow-y-auto text-sm"
          tabIndex={0}
          role="region"
          aria-label="Why"
        >
          <Why found={found} {...view} />
          <Pages found={found} onPage={setStartMs} />
        </div>
      ) : (
        <p className="text-sm text-slate-600 dark:text-slate-300">Looking at the readings …</p>
      )}
    </Dialog>
  );
}

interface WhyProps {
  found: Explanation;
  unit: string | null;
  onRepair: () => void;
  formats: Formats;
}

function Why({ found, unit, onRepair, formats }: WhyProps) {
  const { total, events, corrections, ignored, pieces, frozenBeforeMs } = found;
  const value = (n: number) => formats.value(Number(n.toPrecision(9)), unit);
  const estimated = total.estimatedKwh + total.estimatedReverseKwh;
  const all = total.energyKwh + total.reverseKwh;
  return (
    <>
      {frozenBeforeMs !== null && <FrozenNote beforeMs={frozenBeforeMs} formats={formats} />}
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 tabular-nums">
        <Sum name="Measured between readings" text={value(all - estimated)} />
        <Sum name="Estimated, where nothing was sent" text={value(estimated)} isHatched={estimated > 0} />
        {total.reverseKwh > 0 && <Sum name="Of it the other way" text={value(total.reverseKwh)} />}
        <Sum name="Together" text={value(all)} isTotal />
        <Sum name="Known of this time" text={formats.percent(total.completeness)} />
      </dl>
      <Said title="What the meter did" lines={events.map((event) => eventSentence(event, unit, formats))} />
      <Said title="What people corrected" lines={corrections.map((one) => correctionSentence(one, unit, formats))} />
      <Said
        title="Readings that do not count as they came"
        lines={ignored.map((one) => ignoredSentence(one, unit, formats))}
      />
      <Gaps pieces={pieces} unit={unit} formats={formats} />
      <details>
        <summary className="min-h-11 cursor-pointer py-3 font-medium">Every reading and what it adds</summary>
        <Pieces pieces={pieces} unit={unit} formats={formats} />
      </details>
      <Button type="button" look="secondary" onClick={onRepair}>
        Something is wrong: correct it
      </Button>
    </>
  );
}

function Sum({
  name,
  text,
  isTotal = false,
  isHatched = false,
}: {
  name: string;
  text: string;
  isTotal?: boolean;
  isHatched?: boolean;
}) {
  const line = isTotal ? "border-t border-slate-300 pt-1 font-semibold dark:border-slate-600" : "";
  return (
    <>
      <dt className={`flex items-center gap-2 ${line}`}>
        {isHatched && <span aria-hidden className={`inline-block h-3 w-3 rounded-sm bg-emerald-600 ${hatch}`} />}
        {name}
      </dt>
      <dd className={`text-right ${line}`}>{text}</dd>
    </>
  );
}

const mostLines = 10;

function Said({ title, lines }: { title: string; lines: string[] }) {
  if (!lines.length) return null;
  return (
    <section>
      <h3 className="font-semibold">{title}</h3>
      <ul className="mt-1 list-disc space-y-1 pl-5">
        {lines.slice(0, mostLines).map((line, i) => (
          <li key={i}>{line}</li>
        ))}
      </ul>
      {lines.length > mostLines && <p className="mt-1">And {lines.length - mostLines} more.</p>}
    </section>
  );
}

const whyIgnored: Record<IgnoredReading["why"], string> = {
  excluded: "left out by a person",
  scaled: "multiplied by a person",
  "replaced by hand": "entered by hand instead",
  glitch: "a wrong reading",
  jitter: "a small dip",
  pending: "not clear yet",
};

function ignoredSentence(
  { timeMs, value, why, counted }: IgnoredReading,
  unit: string | null,
  formats: Formats,
): string {
  const instead = counted === null ? "" : `; ${formats.value(Number(counted.toPrecision(12)), unit)} counts`;
  return `${formats.shortDateTime(timeMs)}: ${formats.value(Number(value.toPrecision(12)), unit)}, ${whyIgnored[why]}${instead}.`;
}

const laidWords = {
  gauge: "spread as the device’s power shows it",
  profile: "spread as usual at this time of the week",
  line: "spread evenly",
};

function Gaps({ pieces, unit, formats }: { pieces: ExplainedPiece[]; unit: string | null; formats: Formats }) {
  const gaps = pieces.filter((piece) => piece.laidBy !== null);
  const lines = gaps.map(({ fromMs, toMs, turned, estimatedKwh, laidBy }) => {
    const [from, to] = [formats.shortDateTime(fromMs), formats.shortDateTime(toMs)];
    const inside = formats.value(Number(estimatedKwh.toPrecision(9)), unit);
    const whole = formats.value(Number((turned ?? 0).toPrecision(9)), unit);
    return `${from} to ${to}: the register turned ${whole}, ${laidWords[laidBy!]}; ${inside} of it here.`;
  });
  return <Said title="Gaps" lines={lines} />;
}

function Pieces({ pieces, unit, formats }: { pieces: ExplainedPiece[]; unit: string | null; formats: Formats }) {
  const reading = (one: { value: number } | null) => (one ? formats.number(one.value, 6) : "–");
  return (
    <table className="w-full tabular-nums">
      <thead>
        <tr className="text-left text-xs text-slate-600 dark:text-slate-300">
          <th className="py-1 font-medium">From</th>
          <th className="py-1 font-medium">To</th>
          <th className="py-1 text-right font-medium">Readings</th>
          <th className="py-1 text-right font-medium">Adds</th>
        </tr>
      </thead>
      <tbody>
        {pieces.map((piece) => (
          <tr key={piece.fromMs} className="border-t border-slate-100 dark:border-slate-800">
            <td className="py-1">{formats.time(piece.fromMs)}</td>
            <td className="py-1">{formats.time(piece.toMs)}</td>
            <td className="py-1 text-right">
              {piece.to ? `${reading(piece.from)} → ${reading(piece.to)}` : reading(piece.from)}
            </td>
            <td className="py-1 text-right">
              {piece.isCovered
                ? formats.value(Number((piece.energyKwh - piece.reverseKwh).toPrecision(6)), unit)
                : "not known"}
              {piece.laidBy && " ≈"}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Pages({ found, onPage }: { found: Explanation; onPage: (startMs: number | null) => void }) {
  const { nextMs, fromMs, pageFromMs } = found;
  if (nextMs === null && pageFromMs === fromMs) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button type="button" look="secondary" disabled={pageFromMs === fromMs} onClick={() => onPage(null)}>
        First readings
      </Button>
      <Button type="button" look="secondary" disabled={nextMs === null} onClick={() => onPage(nextMs)}>
        Next readings
      </Button>
    </div>
  );
}
