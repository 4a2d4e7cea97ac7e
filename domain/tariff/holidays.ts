/**
 * Public holidays of a whole country, or the sets that its utilities count, as a tariff's `holidays` are written: days of every
 * year, and days that move (`moving-day.ts`). Those of single regions and of single years are not among them, and a supplier may
 * count others: the tariff's own list is what counts.
 */
export interface HolidayPreset {
  /** ISO 3166, and the set where a country has several. */
  country: string;
  name: string;
  days: readonly string[];
}

/** The bank holidays that England, Wales and Northern Ireland have in common (gov.uk/bank-holidays). */
const britain = [
  ...["01-01;sat+2,sun+1", "easter-2", "easter+1", "05-mon1", "05-mon-last", "08-mon-last"],
  ...["12-25;sat+2,sun+2", "12-26;sat+2,sun+2"],
];

export const holidayPresets: readonly HolidayPreset[] = [
  {
    // New Year, Christmas and Boxing Day count on their day and, on a weekend, on another too.
    country: "AU",
    name: "Australia",
    days: [
      ...["01-01", "01-01;sat+2,sun+1", "01-26;sat+2,sun+1", "easter-2", "easter+1", "04-25"],
      ...["12-25", "12-25;sat+2,sun+2", "12-26", "12-26;sat+2,sun+2"],
    ],
  },
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
    // King's Day is kept on Saturday where it falls on a Sunday.
    days: ["01-01", "04-27;sun-1", "12-25", "12-26", "easter+0", "easter+1", "easter+39", "easter+49", "easter+50"],
  },
  {
    country: "NO",
    name: "Norway",
    days: [
      ...["01-01", "05-01", "05-17", "12-25", "12-26"],
      ...["easter-3", "easter-2", "easter+0", "easter+1", "easter+39", "easter+49", "easter+50"],
    ],
  },
  {
    // Where one is a Sunday, the Monday after is a public holiday too (Public Holidays Act of 1994).
    country: "ZA",
    name: "South Africa",
    days: [
      ...["01-01", "03-21", "04-27", "05-01", "06-16", "08-09", "09-24", "12-16", "12-25", "12-26"],
      ...["01-01;sun+1", "03-21;sun+1", "04-27;sun+1", "05-01;sun+1", "06-16;sun+1", "08-09;sun+1", "09-24;sun+1"],
      ...["12-16;sun+1", "12-26;sun+1", "easter-2", "easter+1"],
    ],
  },
  {
    // The days that the tolls by periods count: fixed ones of all of Spain, and 6 January (CNMC, Circular 3/2020).
    country: "ES",
    name: "Spain",
    days: ["01-01", "01-06", "05-01", "08-15", "10-12", "11-01", "12-06", "12-08", "12-25"],
  },
  {
    // Days of the Confederation and those of nearly all cantons.
    country: "CH",
    name: "Switzerland",
    days: ["01-01", "08-01", "12-25", "12-26", "easter-2", "easter+1", "easter+39", "easter+50"],
  },
  { country: "GB-EAW", name: "United Kingdom: England and Wales", days: britain },
  {
    country: "GB-NIR",
    name: "United Kingdom: Northern Ireland",
    days: [...britain, "03-17;sat+2,sun+1", "07-12;sat+2,sun+1"],
  },
  {
    country: "GB-SCT",
    name: "United Kingdom: Scotland",
    days: [
      ...["01-01;sat+2,sun+2", "01-02;sat+2,sun+2", "easter-2", "05-mon1", "05-mon-last", "08-mon1"],
      ...["11-30;sat+2,sun+1", "12-25;sat+2,sun+2", "12-26;sat+2,sun+2"],
    ],
  },
  {
    // 5 U.S.C. 6103: on a Saturday the Friday before is kept, on a Sunday the Monday after.
    country: "US",
    name: "United States: federal",
    days: [
      ...["01-01;sat-1,sun+1", "01-mon3", "02-mon3", "05-mon-last", "06-19;sat-1,sun+1", "07-04;sat-1,sun+1"],
      ...["09-mon1", "10-mon2", "11-11;sat-1,sun+1", "11-thu4", "12-25;sat-1,sun+1"],
    ],
  },
  {
    // The six of NERC, which most time-of-use rates name: on a Sunday the Monday after is kept, on a Saturday none other.
    country: "US-NERC",
    name: "United States: NERC, six days",
    days: ["01-01;sun+1", "05-mon-last", "07-04;sun+1", "09-mon1", "11-thu4", "12-25;sun+1"],
  },
  {
    // Those of PG&E's and SCE's schedules: the six of NERC, Presidents' Day and Veterans Day.
    country: "US-CA",
    name: "United States: California's utilities, eight days",
    days: [
      ...["01-01;sun+1", "02-mon3", "05-mon-last", "07-04;sun+1"],
      ...["09-mon1", "11-11;sun+1", "11-thu4", "12-25;sun+1"],
    ],
  },
];
