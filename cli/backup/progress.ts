const everyMs = 1_000;

/** A line on stderr at most every second, with the bytes done so far and how fast they came. */
export function progress(what: string): (bytes: number) => void {
  const startedMs = performance.now();
  let saidMs = startedMs;
  return (bytes) => {
    const now = performance.now();
    if (now - saidMs < everyMs) return;
    saidMs = now;
    const megabytes = bytes / 1e6;
    const perSecond = megabytes / ((now - startedMs) / 1_000);
    process.stderr.write(`${what}, ${megabytes.toFixed(0)} MB (${perSecond.toFixed(0)} MB/s)\n`);
  };
}
