import { expect, test } from "vitest";
import { readCheck } from "./check-form.ts";

function formOf(rows: Record<string, string>[], more: Record<string, string> = {}): FormData {
  const form = new FormData();
  const fields = { contract: "c", from: "2026-03-01", to: "2026-04-01", total: "119,00", note: "", ...more };
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  for (const row of rows)
    for (const name of ["component", "rate", "name", "quantity", "price", "amount", "tax"])
      form.append(name, row[name] ?? "");
  return form;
}

test("rows become items: commas are decimals, a tax has a percentage, rows without an amount are left out", () => {
  const read = readCheck(
    formOf([
      { component: "energy", name: "Energy", quantity: "300", price: "0,32", amount: "96,00", tax: "0" },
      { component: "tax", name: "VAT", quantity: "96", price: "19", amount: "18.24", tax: "1" },
      { name: "Nothing" },
      { name: "Fee", amount: "4.76" },
    ]),
  );
  expect(read).toMatchObject({ ok: true, check: { fromDay: "2026-03-01", toDay: "2026-04-01", total: "119.00" } });
  expect(read.ok && read.check.items).toEqual([
    { component: "energy", rate: null, name: "Energy", quantity: "300", unitPrice: "0.32", amount: "96.00" },
    { component: "tax", rate: null, name: "VAT", quantity: "96", percent: "19", amount: "18.24" },
    { component: null, rate: null, name: "Fee", amount: "4.76" },
  ]);
});

test.each([
  [[{ name: "Fee", amount: "much" }], {}, 'Fee, amount: a number such as "123.45" is expected'],
  [[], { total: "" }, "Total: an amount such as 123.45 is expected."],
  [[], { to: "2026-03-01" }, "The bill's last day must come after its first."],
])("refuses %j %j", (rows, more, error) => {
  expect(readCheck(formOf(rows, more))).toMatchObject({ ok: false, error });
});
