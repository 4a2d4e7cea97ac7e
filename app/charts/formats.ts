/** How numbers and times are written: the reader's language, the site's zone. Equal on the server and in the browser. */
export interface Formats {
  power(watts: number): string;
  energy(kwh: number): string;
  percent(share: number): string;
  money(amount: string, currency: string): string;
  time(ms: number): string;
  day(ms: number): string;
  dayOfMonth(ms: number): string;
  longDay(ms: number): string;
  month(ms: number): string;
  longMonth(ms: number): string;
  year(ms: number): string;
  dateTime(ms: number): string;
}

export function formatsOf(locale: string, timeZone: string): Formats {
  const number = (maximumFractionDigits: number, minimumFractionDigits = 0) => new Intl.NumberFormat(locale, { maximumFractionDigits, minimumFractionDigits });
  const date = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone, ...options });
    return (ms: number) => format.format(ms);
  };
  const [whole, one, two, three] = [number(0), number(1, 1), number(2, 2), number(3, 3)];
  return {
    power: (watts) => (Math.abs(watts) < 1_000 ? `${whole.format(watts)} W` : `${two.format(watts / 1_000)} kW`),
    energy: (kwh) => `${(Math.abs(kwh) < 1 ? three : Math.abs(kwh) < 100 ? two : one).format(kwh)} kWh`,
    percent: (share) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(share),
    money: (amount, currency) => new Intl.NumberFormat(locale, { style: "currency", currency }).format(Number(amount)),
    time: date({ hour: "2-digit", minute: "2-digit" }),
    day: date({ day: "numeric", month: "short" }),
    dayOfMonth: date({ day: "numeric" }),
    longDay: date({ weekday: "long", day: "numeric", month: "long" }),
    month: date({ month: "short" }),
    longMonth: date({ month: "long", year: "numeric" }),
    year: date({ year: "numeric" }),
    dateTime: date({ dateStyle: "medium", timeStyle: "medium" }),
  };
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
