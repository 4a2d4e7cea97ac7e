import type { BillJson } from "../../domain/tariff/bill-json.ts";
import type { Cell } from "../charts/csv.ts";

/** A line a row, as on the page, and the total. */
export function* billRows({ lines, currency, from, to, total }: BillJson): Generator<Cell[]> {
  yield ["item", "type", "from", "to", "quantity", "unit", "unit_price", "amount", "currency", "exact", "estimated_quantity", "arithmetic"]; // prettier-ignore
  for (const line of lines) {
    const { name, type, quantity, unit, unitPrice, amount, exact, estimated, arithmetic } = line;
    yield [
      name,
      type,
      line.from,
      line.to,
      quantity,
      unit,
      unitPrice,
      amount,
      currency,
      Number(exact),
      estimated,
      arithmetic,
    ];
  }
  yield ["Total", "total", from, to, null, null, null, total, currency, null, null, null];
}
