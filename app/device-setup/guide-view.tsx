import { Link } from "@remix-run/react";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { CodeBlock } from "../components/code-block.tsx";
import { buttonClass } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { isLoopback, misfits, type Guide, type SetupValues, type Step } from "./guide.ts";

interface GuideViewProps {
  guide: Guide;
  values: SetupValues;
  /** Where the links of steps lead from: the site's page. */
  sitePath: string;
  /** What is to be changed here for the chosen hardware. */
  aside?: ReactNode;
}

/** What to paste where. It takes the focus when it was chosen. */
export function GuideView({ guide, values, sitePath, aside }: GuideViewProps) {
  return (
    <Card className="mt-4">
      <div id="guide" tabIndex={-1} className="outline-none">
        <CardTitle>Connect it: {guide.name}</CardTitle>
      </div>
      <div className="space-y-5">
        {isLoopback(values.mqttHost) && <OnlyThisMachine host={values.mqttHost} />}
        {misfits(guide, values).map((sentence) => (
          <Warning key={sentence}>{sentence}</Warning>
        ))}
        {aside}
        <ol className="space-y-5">
          {guide.steps(values).map((step, i) => (
            <StepView key={i} step={step} label={`${guide.name}, part ${i + 1}`} sitePath={sitePath} />
          ))}
        </ol>
        <Notes notes={guide.notes?.(values) ?? []} />
      </div>
    </Card>
  );
}

function StepView({ step: { text, code, link }, label, sitePath }: { step: Step; label: string; sitePath: string }) {
  return (
    <li>
      <p className="mb-2 text-slate-700 dark:text-slate-200">{text}</p>
      {code && <CodeBlock code={code} label={label} />}
      {link && (
        <Link to={`${sitePath}/${link.path}`} className={buttonClass("secondary")}>
          {link.name}
        </Link>
      )}
    </li>
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

function Warning({ children }: { children: ReactNode }) {
  return (
    <p className="flex gap-3 rounded-xl bg-amber-50 p-4 text-sm text-amber-900 dark:bg-amber-950 dark:text-amber-200">
      <TriangleAlert className="h-5 w-5 shrink-0" aria-hidden />
      <span>{children}</span>
    </p>
  );
}

function OnlyThisMachine({ host }: { host: string }) {
  return (
    <Warning>
      {host} is reachable from this machine only. For devices in your network, start it with HOST=0.0.0.0 and open this
      page by the machine's own address; for devices elsewhere, set PUBLIC_URL and MQTT_PUBLIC_URL.
    </Warning>
  );
}
