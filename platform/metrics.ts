/** Every metric of a process, in one registry: made here, read at /metrics. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

// On globalThis, because the built web app is a bundle with a copy of this module: one process, one registry.
const holder = globalThis as { [key: symbol]: Registry | undefined };
export const registry = (holder[Symbol.for("energy.metrics")] ??= new Registry());

/** Names are prefixed, so that ours are told apart from those of Node and of neighbours on the same Prometheus. */
const PREFIX = "energy_";

/** Milliseconds to seconds, from a fast commit to a slow page. */
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A number that only grows: `counter("readings_total", "Readings stored", ["source"])`. Asking again gives the same. */
export function counter<Label extends string = never>(
  name: string,
  help: string,
  labels: Label[] = [],
): Counter<Label> {
  const known = registry.getSingleMetric(PREFIX + name) as Counter<Label> | undefined;
  return known ?? new Counter({ name: PREFIX + name, help, labelNames: labels, registers: [registry] });
}

/** A counter's sum over all of its labels; 0 where nothing was counted yet. */
export async function totalOf(name: string): Promise<number> {
  const known = registry.getSingleMetric(PREFIX + name) as Counter | undefined;
  return ((await known?.get())?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

/** A number that rises and falls; `read` is asked at each scrape when the value lives elsewhere (a queue's length). */
export function gauge(name: string, help: string, read?: () => number): Gauge {
  const known = registry.getSingleMetric(PREFIX + name) as Gauge | undefined;
  const collect = read && { collect: (): void => made.set(read()) };
  const made: Gauge = known ?? new Gauge({ name: PREFIX + name, help, registers: [registry], ...collect });
  return made;
}

/** How long something takes, in seconds: `histogram("commit_seconds", "From batch to commit").observe(0.004)`. */
export function histogram<Label extends string = never>(
  name: string,
  help: string,
  { labels = [], buckets = SECONDS_BUCKETS }: { labels?: Label[]; buckets?: number[] } = {},
): Histogram<Label> {
  const known = registry.getSingleMetric(PREFIX + name) as Histogram<Label> | undefined;
  return known ?? new Histogram({ name: PREFIX + name, help, labelNames: labels, buckets, registers: [registry] });
}

/** Node's own figures (event loop lag, memory, garbage collection), once per process. */
export function collectProcessMetrics(): void {
  if (!registry.getSingleMetric("process_cpu_user_seconds_total")) collectDefaultMetrics({ register: registry });
}

/** The text that Prometheus reads, and the type it wants it served as. */
export async function metricsText(): Promise<{ body: string; contentType: string }> {
  return { body: await registry.metrics(), contentType: registry.contentType };
}
