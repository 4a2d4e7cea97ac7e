/** Seconds as people say them: "40 seconds", "3 minutes", "2 hours", "4 days". */
export function spanWords(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ];
  for (const [length, unit] of units)
    if (seconds >= 1.5 * length || Math.abs(seconds - length) < 0.05 * length) return counted(seconds / length, unit);
  return counted(seconds, "second");
}

const counted = (amount: number, unit: string) => {
  const whole = Math.max(1, Math.round(amount));
  return `${whole} ${unit}${whole === 1 ? "" : "s"}`;
};

/** Less than this is the way of the message. */
const rightS = 2;

/** How the device's clock goes. @param skewS arrival minus the message's own time, typically; null: its messages carry none. */
export function clockWords(skewS: number | null): { words: string; isRight: boolean } {
  if (skewS === null)
    return { words: "Its messages carry no time of their own: the time of arrival is used.", isRight: true };
  const amount = Math.abs(skewS);
  if (amount < rightS) return { words: "Its clock is right.", isRight: true };
  const side = skewS > 0 ? "behind, or its messages take as long to arrive" : "ahead";
  return { words: `Its clock is about ${spanWords(amount)} ${side}.`, isRight: amount < 60 };
}

/** How often it sends. @param intervalS seconds between readings; null: not known. */
export const rhythmWords = (intervalS: number | null): string =>
  intervalS === null ? "not known yet" : `about every ${spanWords(intervalS).replace(/^1 /, "")}`;
