/** Numbers and times as the platform's pages show them; all times are UTC, since its admins and tenants live in many zones. */
export const count = (n: number): string => n.toLocaleString("en-GB");

export const utc = (date: Date | string): string =>
  `${new Date(date).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const units = ["B", "kB", "MB", "GB", "TB"];
/** 1,234,567 -> "1.2 MB". */
export function bytes(n: number): string {
  let [value, unit] = [n, 0];
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** 90 -> "2 min": rounded, in the largest unit that fits. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
