import { numberOf } from "../device/payload.ts";

export type Decimal = "." | ",";

/**
 * A cell as a number: "1.234,5" with a decimal comma is 1234.5, as "1,234.5" is with a point. "absent": the cell says that
 * there is no value; "other": it is something else.
 */
export function numberCell(cell: string, decimal: Decimal): number | "absent" | "other" {
  const text = cell.trim();
  const plain = numberOf(decimal === "," ? withPoint(text) : text);
  if (typeof plain === "number" || plain === "absent") return plain;
  if (plain === "nan") return "absent";
  const grouped = numberOf(withoutGroups(text, decimal));
  return typeof grouped === "number" ? grouped : "other";
}

/** "1.5" with a decimal comma is no number but a group of thousands cut short: it is left to be refused. */
const withPoint = (text: string) => (text.includes(".") ? "?" : text.replace(",", "."));

function withoutGroups(text: string, decimal: Decimal): string {
  const group = decimal === "," ? "[.\\s\u00a0\u202f']" : "[,\\s\u00a0\u202f']";
  const match = new RegExp(`^([+-]?\\d{1,3}(?:${group}\\d{3})+)(?:\\${decimal}(\\d+))?$`).exec(text);
  if (!match) return "?";
  return match[1]!.replace(/[^\d+-]/g, "") + (match[2] === undefined ? "" : `.${match[2]}`);
}
