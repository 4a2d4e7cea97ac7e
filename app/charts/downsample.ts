/**
 * Fewer points for a chart, without losing a spike: of every slot of the time axis the lowest and the highest point stay.
 * 8,640 readings of a day (one each 10 s) become at most 1,000; the kettle of 30 s is still there.
 */
export interface Point {
  timeMs: number;
  value: number;
}

/** @param points ascending. @param most at least 4. @returns points of the input, ascending, at most `most`. */
export function downsample(points: readonly Point[], most: number): Point[] {
  if (points.length <= most) return [...points];
  const first = points[0]!;
  const last = points.at(-1)!;
  const slots = Math.max(1, Math.floor((most - 2) / 2));
  const slotMs = (last.timeMs - first.timeMs) / slots;
  const kept: Point[] = [first];
  let at = 1;
  for (let slot = 1; slot <= slots && at < points.length - 1; slot++) {
    const endMs = slot === slots ? Infinity : first.timeMs + slot * slotMs;
    let low: Point | null = null;
    let high: Point | null = null;
    for (; at < points.length - 1 && points[at]!.timeMs < endMs; at++) {
      const point = points[at]!;
      if (low === null || point.value < low.value) low = point;
      if (high === null || point.value > high.value) high = point;
    }
    if (low === null || high === null) continue;
    if (low === high) kept.push(low);
    else kept.push(...(low.timeMs < high.timeMs ? [low, high] : [high, low]));
  }
  kept.push(last);
  return kept;
}

/** Columns for a chart; null in `values` lifts the pen. */
export interface Line {
  times: number[];
  values: (number | null)[];
}

/**
 * At most about `most` points as a line that breaks where two readings are further apart than `maxGapMs`: what is not
 * known is not drawn.
 */
export function drawnLine(points: readonly Point[], most: number, maxGapMs: number): Line {
  const line: Line = { times: [], values: [] };
  let from = 0;
  for (let i = 1; i <= points.length; i++) {
    const isBreak = i === points.length || points[i]!.timeMs - points[i - 1]!.timeMs > maxGapMs;
    if (!isBreak) continue;
    const share = Math.max(4, Math.floor((most * (i - from)) / points.length));
    for (const { timeMs, value } of downsample(points.slice(from, i), share)) {
      line.times.push(timeMs);
      line.values.push(value);
    }
    if (i < points.length) {
      line.times.push(points[i - 1]!.timeMs + 1);
      line.values.push(null);
    }
    from = i;
  }
  return line;
}
