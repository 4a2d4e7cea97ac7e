import { useFetcher } from "@remix-run/react";
import { Pencil, Undo2 } from "lucide-react";
import { useEffect, useState } from "react";
import type { MadeCorrection } from "../../db/corrections.ts";
import type { MeterEvent } from "../../domain/energy/event.ts";
import type { Formats } from "../charts/formats.ts";
import { Dialog } from "../components/dialog.tsx";
import { Button, TextField } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import type { CorrectionAnswer } from "./answer.ts";
import type { CorrectedChannel, CorrectionStart } from "./correction-dialog.tsx";
import { PreviewView } from "./preview-view.tsx";
import { correctionSentence, eventNames, eventSentence } from "./words.ts";

interface CorrectionsCardProps {
  path: string;
  channel: CorrectedChannel;
  /** Of the chart's time, ascending. */
  events: MeterEvent[];
  /** Of the channel, newest first. */
  corrections: MadeCorrection[];
  mayCorrect: boolean;
  onCorrect: (start: CorrectionStart) => void;
  onSaved: () => void;
  formats: Formats;
}

const mostShown = 20;

/** What the register did besides counting up in the chart's time, and what people corrected of the channel, each to be undone. */
export function CorrectionsCard({
  path,
  channel,
  events,
  corrections,
  mayCorrect,
  onCorrect,
  onSaved,
  formats,
}: CorrectionsCardProps) {
  const [undoing, setUndoing] = useState<MadeCorrection | null>(null);
  const isRegister = channel.kind === "counter";
  const correct = mayCorrect && (
    <Button type="button" look="secondary" onClick={() => onCorrect({})}>
      <Pencil className="h-4 w-4" aria-hidden /> Correct readings
    </Button>
  );
  return (
    <Card>
      <div id="corrections" className="scroll-mt-20">
        <CardTitle aside={<div className="-my-2 -mr-2">{correct}</div>}>
          {isRegister ? "What the meter did" : "Corrections"}
        </CardTitle>
      </div>
      {isRegister && events.length === 0 && (
        <p className="text-sm text-slate-600 dark:text-slate-300">In the chart’s time it only counted up.</p>
      )}
      {events.length > 0 && (
        <ul className="divide-y divide-slate-100 dark:divide-slate-800" aria-label="Events">
          {events.slice(-mostShown).map((event) => (
            <li key={event.timeMs} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2 text-sm">
              <Badge look={event.type === "pending" ? "warn" : "plain"}>{eventNames[event.type]}</Badge>
              <span className="min-w-0 flex-1 basis-64">
                {eventSentence(event, channel.unit, formats)}
                {event.byPerson && " A person said so."}
              </span>
              {mayCorrect && (
                <Button
                  type="button"
                  look="secondary"
                  onClick={() => onCorrect({ atMs: event.timeMs, event: event.type })}
                  aria-label={`Not so? Correct the reading of ${formats.shortDateTime(event.timeMs)}`}
                >
                  Not so?
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {events.length > mostShown && (
        <p className="text-sm text-slate-600 dark:text-slate-300">
          The newest {mostShown} of {events.length}.
        </p>
      )}
      {(corrections.length > 0 || !isRegister) && (
        <History
          corrections={corrections}
          unit={channel.unit}
          mayCorrect={mayCorrect}
          onUndo={setUndoing}
          formats={formats}
          hasTitle={isRegister}
        />
      )}
      <Dialog open={undoing !== null} onClose={() => setUndoing(null)} title="Undo a correction">
        {undoing && (
          <UndoForm
            path={path}
            channel={channel}
            correction={undoing}
            onClose={() => setUndoing(null)}
            onSaved={() => {
              setUndoing(null);
              onSaved();
            }}
            formats={formats}
          />
        )}
      </Dialog>
    </Card>
  );
}

interface HistoryProps {
  corrections: MadeCorrection[];
  unit: string | null;
  mayCorrect: boolean;
  hasTitle: boolean;
  onUndo: (correction: MadeCorrection) => void;
  formats: Formats;
}

function History({ corrections, unit, mayCorrect, hasTitle, onUndo, formats }: HistoryProps) {
  if (!corrections.length)
    return <p className="text-sm text-slate-600 dark:text-slate-300">Nobody has corrected anything.</p>;
  return (
    <>
      {hasTitle && <h3 className="mt-4 text-sm font-semibold">Corrections</h3>}
      <ul className="divide-y divide-slate-100 dark:divide-slate-800" aria-label="Corrections">
        {corrections.map((made) => (
          <li key={made.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2 text-sm">
            <div className="min-w-0 flex-1 basis-64">
              <p className={made.undone ? "text-slate-600 line-through dark:text-slate-400" : ""}>
                {correctionSentence(made.correction, unit, formats)}
              </p>
              <p className="text-slate-600 dark:text-slate-400">
                {actWords(made, formats)}
                {made.undone && ` Undone: ${actWords(made.undone, formats)}`}
              </p>
            </div>
            {mayCorrect && !made.undone && (
              <Button type="button" look="secondary" onClick={() => onUndo(made)}>
                <Undo2 className="h-4 w-4" aria-hidden /> Undo
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

const actWords = (
  { author, atMs, reason }: { author: string | null; atMs: number; reason: string },
  formats: Formats,
) => `${author ?? "Somebody"}, ${formats.shortDateTime(atMs)}${reason ? `: “${reason}”.` : "."}`;

interface UndoFormProps {
  path: string;
  channel: CorrectedChannel;
  correction: MadeCorrection;
  onClose: () => void;
  onSaved: () => void;
  formats: Formats;
}

function UndoForm({ path, channel, correction, onClose, onSaved, formats }: UndoFormProps) {
  const preview = useFetcher<CorrectionAnswer>();
  const undo = useFetcher<CorrectionAnswer>();
  const { submit } = preview;
  const action = `${path}/corrections`;
  useEffect(() => {
    submit({ intent: "preview-undo", channel: channel.id, correction: correction.id }, { method: "post", action });
  }, [submit, action, channel.id, correction.id]);
  useEffect(() => {
    if (undo.state === "idle" && undo.data?.saved) onSaved();
  }, [undo.state, undo.data]);
  return (
    <undo.Form method="post" action={action} className="space-y-4">
      <input type="hidden" name="channel" value={channel.id} />
      <input type="hidden" name="correction" value={correction.id} />
      <p className="text-sm">{correctionSentence(correction.correction, channel.unit, formats)}</p>
      {preview.data?.preview ? (
        <PreviewView preview={preview.data.preview} formats={formats} />
      ) : (
        <p className="text-sm text-slate-600 dark:text-slate-300">Computing what changes …</p>
      )}
      <TextField label="Why" name="reason" maxLength={500} autoComplete="off" hint="Optional." />
      <div className="flex gap-2">
        <Button name="intent" value="undo" disabled={undo.state !== "idle"}>
          Undo it
        </Button>
        <Button type="button" look="secondary" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </undo.Form>
  );
}
