/** How numbers and times are written: the reader's language, the site's zone. Equal on the server and in the browser. */
export interface Formats {
  locale: string;
  /** "420 W", "1.91 kW". */
  power(watts: number): string;
  /** "0.412 kWh", "5.34 kWh", "812 kWh". */
  energy(kwh: number): string;
  /** A value of a channel with its unit: "21.4 °C", "on". */
  value(value: number | string, unit: string | null): string;
  /** A value beside an axis: no more decimals than it has. "2.5 kW", "0.4 W". */
  axis(value: number, unit: string | null): string;
  /** At most so many decimals, without a unit. */
  number(value: number, decimals?: number): string;
  percent(share: number): string;
  money(amount: string, currency: string): string;
  /** A price per kWh, with all its decimals. */
  price(amount: string, currency: string): string;
  time(ms: number): string;
  /** The hour alone, where room is short: "11 AM", "11". */
  hour(ms: number): string;
  day(ms: number): string;
  dayOfMonth(ms: number): string;
  longDay(ms: number): string;
  month(ms: number): string;
  longMonth(ms: number): string;
  year(ms: number): string;
  dateTime(ms: number): string;
  shortDateTime(ms: number): string;
  /** "2026-11-23": for addresses. */
  isoDate(ms: number): string;
}

// Versions of the browser's and the server's tables differ in which space they put before a unit or "pm".
const sameSpaces = (text: string) => text.replace(/[\u202f\u2009]/g, "\u00a0");

function isoDateOf(timeZone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat("en", {
    timeZone,
    calendar: "iso8601",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return (ms) => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return `${part["year"]}-${part["month"]}-${part["day"]}`;
  };
}

export function formatsOf(locale: string, timeZone: string): Formats {
  const number = (maximumFractionDigits: number, minimumFractionDigits = 0) => {
    const format = new Intl.NumberFormat(locale, { maximumFractionDigits, minimumFractionDigits });
    return (value: number) => sameSpaces(format.format(value));
  };
  const date = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone, ...options });
    return (ms: number) => sameSpaces(format.format(ms));
  };
  const [whole, two, three, upToThree] = [number(0), number(2, 2), number(3, 3), number(3)];
  const [percent, finePercent] = [0, 1].map(
    (maximumFractionDigits) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits }),
  );
  const power = (watts: number) =>
    Math.abs(watts) < 999.5
      ? `${whole(watts)} W`
      : `${Math.abs(watts) < 99_995 ? two(watts / 1_000) : number(1)(watts / 1_000)} kW`;
  const energy = (kwh: number) =>
    `${(Math.abs(kwh) < 0.0005 ? whole : Math.abs(kwh) < 1 ? three : Math.abs(kwh) < 100 ? two : whole)(kwh)} kWh`;
  return {
    locale,
    power,
    energy,
    value: (value, unit) =>
      typeof value === "string"
        ? (stateWords[value] ?? value)
        : unit === "W"
          ? power(value)
          : withUnit(upToThree(value), unit),
    axis: (value, unit) =>
      unit === "W" && Math.abs(value) >= 1_000 ? `${upToThree(value / 1_000)} kW` : withUnit(upToThree(value), unit),
    number: (value, decimals = 3) => number(decimals)(value),
    percent: (share) => sameSpaces((share > 0.0995 && share < 0.9 ? percent! : finePercent!).format(share)),
    money: (amount, currency) =>
      sameSpaces(new Intl.NumberFormat(locale, { style: "currency", currency }).format(Number(amount))),
    price: (amount, currency) =>
      sameSpaces(
        new Intl.NumberFormat(locale, { style: "currency", currency, maximumFractionDigits: 6 }).format(Number(amount)),
      ),
    time: date({ hour: "2-digit", minute: "2-digit" }),
    hour: date({ hour: "numeric" }),
    day: date({ day: "numeric", month: "short" }),
    dayOfMonth: date({ day: "numeric" }),
    longDay: date({ weekday: "long", day: "numeric", month: "long" }),
    month: date({ month: "short" }),
    longMonth: date({ month: "long", year: "numeric" }),
    year: date({ year: "numeric" }),
    dateTime: date({ dateStyle: "medium", timeStyle: "medium" }),
    shortDateTime: date({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
    isoDate: isoDateOf(timeZone),
  };
}

/** How devices say yes and no, and how people do. */
const stateWords: Record<string, string> = { true: "on", false: "off" };

const unitSigns: Record<string, string> = { degC: "°C", m3: "m³", "m3/h": "m³/h", "1": "" };

/** A unit as people write it. */
export const unitSign = (unit: string | null): string => (unit === null ? "" : (unitSigns[unit] ?? unit));

function withUnit(text: string, unit: string | null): string {
  const sign = unitSign(unit);
  return sign ? `${text} ${sign}` : text;
}

/** "12 s ago", "3 min ago", "2 days ago". */
export function ago(ms: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - ms) / 1000));
  if (seconds < 5) return "just now";
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}
