import type { Formats } from "../charts/formats.ts";
import { Card, CardTitle } from "../components/frame.tsx";
import { faultSentence } from "./editor-context.tsx";
import { faultPlace } from "./fault-place.ts";
import type { Preview } from "./preview.ts";
import type { TariffDraft } from "../../domain/tariff/draft.ts";

interface PreviewCardProps {
  draft: TariffDraft;
  preview: Preview | null;
  isStale: boolean;
  isLost: boolean;
  formats: Formats;
}

/** Where the preview stands below the editor: its total stays in sight, and leads there. */
export function PreviewBar({ preview, formats }: { preview: Preview | null; formats: Formats }) {
  if (!preview) return null;
  const { bill, present, faults } = preview;
  const more = bill && present ? bill.total - present.total : 0;
  const money = (amount: number) => formats.money(String(amount), bill!.currency);
  return (
    <a
      href="#preview"
      className="sticky bottom-[calc(4rem+env(safe-area-inset-bottom))] z-10 flex min-h-11 items-center justify-between gap-3 rounded-full bg-slate-900 px-5 py-2 text-sm text-white shadow-lg lg:bottom-3 xl:hidden dark:bg-slate-100 dark:text-slate-900"
    >
      {bill ? (
        <>
          <span>Last bill by these prices</span>
          <strong className="tabular-nums">
            {money(bill.total)}
            {Math.abs(more) >= 0.005 && ` (${more > 0 ? "+" : "−"}${money(Math.abs(more))})`}
          </strong>
        </>
      ) : (
        <span>{faults.length === 1 ? "One field needs" : `${faults.length} fields need`} another look</span>
      )}
    </a>
  );
}

/** The last bill by the tariff that is edited, line by line, and what it would have been more or less than now. */
export function PreviewCard({ draft, preview, isStale, isLost, formats }: PreviewCardProps) {
  const bill = preview?.bill;
  return (
    <Card className={`transition-opacity ${isStale && preview ? "opacity-60" : ""}`}>
      <CardTitle aside={bill && <span className="text-sm">{periodWords(bill, formats)}</span>}>
        Your last bill by these prices
      </CardTitle>
      <div id="preview" className="scroll-mt-32" aria-live="polite" aria-busy={isStale} data-testid="preview">
        {!preview && (
          <p className="text-sm text-slate-600 dark:text-slate-300">
            {isLost
              ? "The preview cannot be reached just now; it is tried again when something changes."
              : "Working it out …"}
          </p>
        )}
        {preview && preview.faults.length > 0 && <Faults draft={draft} faults={preview.faults} />}
        {preview && bill && <BillView bill={bill} present={preview.present} formats={formats} />}
      </div>
    </Card>
  );
}

function Faults({ draft, faults }: { draft: TariffDraft; faults: Preview["faults"] }) {
  return (
    <div className="text-sm">
      <p className="mb-2 font-medium">These prices cannot be billed yet:</p>
      <ul className="space-y-2">
        {faults.slice(0, 12).map((fault, i) => (
          <li key={i} className="text-rose-700 dark:text-rose-400">
            <span className="font-medium">{faultPlace(fault.path, draft)}</span>: {faultSentence(fault)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function periodWords({ fromDay, lastDay, timezone: _ }: NonNullable<Preview["bill"]>, formats: Formats): string {
  const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);
  const isMonth =
    fromDay.endsWith("-01") && lastDay.slice(0, 7) === fromDay.slice(0, 7) && Number(lastDay.slice(8)) >= 28;
  if (isMonth) return formats.longMonth(noon(fromDay));
  return `${formats.day(noon(fromDay))} to ${formats.day(noon(lastDay))} ${lastDay.slice(0, 4)}`;
}

function BillView({
  bill,
  present,
  formats,
}: {
  bill: NonNullable<Preview["bill"]>;
  present: Preview["present"];
  formats: Formats;
}) {
  const money = (amount: number) => formats.money(String(amount), bill.currency);
  const isEmpty = bill.completeness.completeTo === null;
  const more = present && bill.total - present.total;
  return (
    <>
      <p className="text-3xl font-semibold tabular-nums" data-testid="preview-total">
        {money(bill.total)}
      </p>
      {more !== null && (
        <p className="mt-1 text-sm">
          {Math.abs(more) < 0.005 ? (
            "The same as by the present prices."
          ) : (
            <>
              <strong
                className={more > 0 ? "text-rose-700 dark:text-rose-400" : "text-emerald-700 dark:text-emerald-400"}
              >
                {money(Math.abs(more))} {more > 0 ? "more" : "less"}
              </strong>{" "}
              than by the present prices ({present!.name}: {money(present!.total)})
            </>
          )}
        </p>
      )}
      <table className="mt-4 w-full text-sm">
        <caption className="sr-only">The lines of the bill</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Amount</th>
          </tr>
        </thead>
        <tbody>
          {bill.lines.map((line, i) => (
            <tr key={i} className="border-t border-slate-200 align-top dark:border-slate-800">
              <td className="py-2 pr-3">
                {line.name}
                <span className="block text-slate-600 dark:text-slate-400">
                  {quantityWords(line, bill.currency, formats)}
                </span>
              </td>
              <td className="whitespace-nowrap py-2 text-right tabular-nums">{money(line.amount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Notes bill={bill} isEmpty={isEmpty} />
    </>
  );
}

function Notes({ bill, isEmpty }: { bill: NonNullable<Preview["bill"]>; isEmpty: boolean }) {
  const notes = [...new Set([...(isEmpty ? [] : bill.notes), ...bill.lines.flatMap((line) => line.notes)])];
  return (
    <div className="mt-3 space-y-1 text-sm text-slate-600 dark:text-slate-400">
      {isEmpty && <p>Nothing was measured in this time, so only what does not depend on energy is on the bill.</p>}
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
    </div>
  );
}

function quantityWords(
  line: NonNullable<Preview["bill"]>["lines"][number],
  currency: string,
  formats: Formats,
): string {
  const quantity = `${formats.number(line.quantity, 2)} ${line.unit === "m3" ? "m³" : line.unit}`;
  if (line.unitPrice === null) return quantity;
  if (line.type === "tax")
    return `${formats.number(line.unitPrice * 100)} % of ${formats.money(String(line.quantity), currency)}`;
  const price = formats.price(line.unitPrice.toFixed(6), currency);
  return `${quantity} × ${price}${line.isMean ? " on average" : ""}`;
}
