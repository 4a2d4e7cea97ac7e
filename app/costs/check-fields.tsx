import { useState } from "react";
import { TextField } from "../components/form.tsx";
import { blankRow, type CheckRow, type CheckValues } from "./check-form.ts";

/** The supplier's bill as it is typed: our own lines are there already, to be changed to what is printed. */
export function CheckFields({ values, currency }: { values: CheckValues; currency: string }) {
  const [extra, setExtra] = useState(1);
  const rows = [...values.rows, ...Array.from({ length: extra }, () => blankRow)];
  return (
    <div className="space-y-6">
      <div className="grid grid-cols-2 gap-3 sm:max-w-md">
        <TextField label="From" name="from" type="date" required defaultValue={values.from} />
        <TextField label="Up to, not included" name="to" type="date" required defaultValue={values.to} />
      </div>
      <ul className="space-y-4" data-testid="check-rows">
        {rows.map((row, i) => (
          <Row key={i} row={row} isOwn={i < values.rows.length && row.component !== ""} currency={currency} />
        ))}
      </ul>
      <button
        type="button"
        onClick={() => setExtra((count) => count + 1)}
        className="min-h-11 text-sm font-medium text-emerald-700 underline dark:text-emerald-400"
      >
        One more item
      </button>
      <div className="grid grid-cols-1 gap-3 sm:max-w-md sm:grid-cols-2">
        <TextField label={`Total, ${currency}`} name="total" inputMode="decimal" required defaultValue={values.total} />
        <TextField
          label="Note"
          name="note"
          maxLength={500}
          defaultValue={values.note}
          placeholder="Number of the bill"
        />
      </div>
    </div>
  );
}

function Row({ row, isOwn, currency }: { row: CheckRow; isOwn: boolean; currency: string }) {
  const { component, rate, name, quantity, unit, price, amount, isTax } = row;
  const counted = unit === undefined ? "Quantity" : `Quantity, ${unit}`;
  return (
    <li className="grid grid-cols-3 items-end gap-3 border-b border-slate-100 pb-4 sm:grid-cols-[2fr_1fr_1fr_1fr] dark:border-slate-800">
      <input type="hidden" name="component" value={component} />
      <input type="hidden" name="rate" value={rate} />
      <input type="hidden" name="tax" value={isTax ? "1" : "0"} />
      <div className="col-span-3 sm:col-span-1">
        <TextField label={isOwn ? "Item" : "Another item"} name="name" maxLength={120} defaultValue={name} />
      </div>
      <TextField label={isTax ? "On" : counted} name="quantity" inputMode="decimal" defaultValue={quantity} />
      <TextField label={isTax ? "Percent" : "Price"} name="price" inputMode="decimal" defaultValue={price} />
      <TextField label={`Amount, ${currency}`} name="amount" inputMode="decimal" defaultValue={amount} />
    </li>
  );
}
