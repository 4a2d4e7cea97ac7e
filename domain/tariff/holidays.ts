/**
 * Public holidays of a whole country as a tariff's `holidays` are written: days of every year, and days that move with Easter
 * (`easter+1` is Easter Monday). Those of single regions are not among them, and a supplier may count others: the tariff's own
 * list is what counts.
 */
export interface HolidayPreset {
  country: string;
  name: string;
  days: readonly string[];
}

export const holidayPresets: readonly HolidayPreset[] = [
  {
    country: "AT",
    name: "Austria",
    days: [
      ...["01-01", "01-06", "05-01", "08-15", "10-26", "11-01", "12-08", "12-25", "12-26"],
      ...["easter+1", "easter+39", "easter+50", "easter+60"],
    ],
  },
  {
    country: "BE",
    name: "Belgium",
    days: [
      ...["01-01", "05-01", "07-21", "08-15", "11-01", "11-11", "12-25"],
      ...["easter+1", "easter+39", "easter+50"],
    ],
  },
  {
    country: "FR",
    name: "France",
    days: [
      ...["01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"],
      ...["easter+1", "easter+39", "easter+50"],
    ],
  },
  {
    country: "DE",
    name: "Germany",
    days: [...["01-01", "05-01", "10-03", "12-25", "12-26"], ...["easter-2", "easter+1", "easter+39", "easter+50"]],
  },
  {
    country: "IT",
    name: "Italy",
    days: [
      ...["01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"],
      ...["easter+0", "easter+1"],
    ],
  },
  {
    country: "NL",
    name: "Netherlands",
    days: ["01-01", "04-27", "12-25", "12-26", "easter+1", "easter+39", "easter+50"],
  },
  {
    // The days that the tolls by periods count: fixed ones of all of Spain, and 6 January (CNMC, Circular 3/2020).
    country: "ES",
    name: "Spain",
    days: ["01-01", "01-06", "05-01", "08-15", "10-12", "11-01", "12-06", "12-08", "12-25"],
  },
];

const moving = /^easter([+-]\d{1,2})$/;

/** "easter-2" is -2 days from Easter Sunday; null: it does not move with Easter, or by more than 99 days. */
export function easterOffset(text: string): number | null {
  const [, days] = moving.exec(text) ?? [];
  return days === undefined ? null : Number(days);
}
