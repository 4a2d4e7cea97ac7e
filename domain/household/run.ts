/** An appliance at work: a power held from one instant to another. */
export interface Run {
  fromMs: number;
  toMs: number;
  watts: number;
}

/** A stretch of an appliance's programme. */
export interface Stage {
  minutes: number;
  watts: number;
}

const minuteMs = 60_000;

/** A programme of stages one after another, from an instant on. */
export function programme(startMs: number, stages: readonly Stage[]): Run[] {
  let at = startMs;
  return stages.map(({ minutes, watts }) => {
    const fromMs = at;
    at += minutes * minuteMs;
    return { fromMs, toMs: at, watts };
  });
}

/** A thermostat: `watts` for `share` of every `periodMinutes`, as hobs, ovens and irons do. */
export function thermostat(
  startMs: number,
  { minutes, watts, share, periodMinutes }: Stage & { share: number; periodMinutes: number },
): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < minutes; at += periodMinutes) {
    const on = Math.min(periodMinutes * share, minutes - at);
    runs.push({ fromMs: startMs + at * minuteMs, toMs: startMs + (at + on) * minuteMs, watts });
  }
  return runs;
}
