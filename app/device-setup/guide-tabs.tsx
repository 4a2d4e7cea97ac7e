import { TriangleAlert } from "lucide-react";
import { useRef, type KeyboardEvent, type ReactNode } from "react";
import { CodeBlock } from "../components/code-block.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { isLoopback, type Guide, type SetupValues } from "./guide.ts";
import { guides } from "./guides.ts";

/** What to paste where, a tab for each kind of hardware. `aside`: what is to be changed here for the chosen one. */
export function GuideTabs({
  chosen,
  onChoose,
  values,
  aside,
}: {
  chosen: Guide;
  onChoose: (guide: Guide) => void;
  values: SetupValues;
  aside?: ReactNode;
}) {
  const list = useRef<HTMLDivElement>(null);
  // The arrow keys go from tab to tab, as in any tab list.
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = guides[(guides.indexOf(chosen) + step + guides.length) % guides.length]!;
    onChoose(next);
    list.current?.querySelector<HTMLButtonElement>(`#tab-${next.id}`)?.focus();
  };
  return (
    <Card className="mt-4">
      <CardTitle>Connect it</CardTitle>
      <div
        ref={list}
        role="tablist"
        aria-label="What it is"
        onKeyDown={onKeyDown}
        className="-mx-5 flex gap-1 overflow-x-auto border-b border-slate-200 px-5 pb-px dark:border-slate-800"
      >
        {guides.map((guide) => (
          <Tab key={guide.id} guide={guide} isChosen={guide === chosen} onChoose={onChoose} />
        ))}
      </div>
      <div role="tabpanel" id="guide" aria-labelledby={`tab-${chosen.id}`} className="mt-5 space-y-5">
        {isLoopback(values.mqttHost) && <OnlyThisMachine host={values.mqttHost} />}
        {aside}
        <ol className="space-y-5">
          {chosen.steps(values).map(({ text, code }, i) => (
            <li key={i}>
              <p className="mb-2 text-slate-700 dark:text-slate-200">{text}</p>
              {code && <CodeBlock code={code} label={`${chosen.name}, part ${i + 1}`} />}
            </li>
          ))}
        </ol>
        <Notes notes={chosen.notes?.(values) ?? []} />
      </div>
    </Card>
  );
}

function Tab({ guide, isChosen, onChoose }: { guide: Guide; isChosen: boolean; onChoose: (guide: Guide) => void }) {
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${guide.id}`}
      aria-selected={isChosen}
      aria-controls="guide"
      tabIndex={isChosen ? 0 : -1}
      onClick={() => onChoose(guide)}
      className={`-mb-px min-h-11 shrink-0 rounded-t-lg border-b-2 px-3 text-sm font-medium ${
        isChosen
          ? "border-emerald-600 text-emerald-800 dark:border-emerald-400 dark:text-emerald-300"
          : "border-transparent text-slate-600 hover:text-slate-900 dark:text-slate-300 dark:hover:text-white"
      }`}
    >
      {guide.name}
    </button>
  );
}

function Notes({ notes }: { notes: string[] }) {
  if (!notes.length) return null;
  return (
    <ul className="list-disc space-y-1 pl-5 text-sm text-slate-600 marker:text-slate-400 dark:text-slate-300">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

function OnlyThisMachine({ host }: { host: string }) {
  return (
    <p className="flex gap-3 rounded-xl bg-amber-50 p-4 text-sm text-amber-900 dark:bg-amber-950 dark:text-amber-200">
      <TriangleAlert className="h-5 w-5 shrink-0" aria-hidden />
      <span>
        {host} is reachable from this machine only. For devices in your network, start it with HOST=0.0.0.0 and open
        this page by the machine's own address; for devices elsewhere, set PUBLIC_URL and MQTT_PUBLIC_URL.
      </span>
    </p>
  );
}
