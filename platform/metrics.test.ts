import { expect, test } from "vitest";
import { collectProcessMetrics, counter, gauge, histogram, metricsText, totalOf } from "./metrics.ts";

test("a counter asked for twice is one counter", async () => {
  counter("tested_total", "Tested", ["how"]).inc({ how: "once" });
  counter("tested_total", "Tested", ["how"]).inc({ how: "once" }, 2);
  expect((await metricsText()).body).toContain('energy_tested_total{how="once"} 3');
  counter("tested_total", "Tested", ["how"]).inc({ how: "again" });
  expect([await totalOf("tested_total"), await totalOf("never_counted_total")]).toEqual([4, 0]);
});

test("a gauge with a reader is read at each scrape", async () => {
  let length = 4;
  gauge("tested_length", "Length", () => length);
  expect((await metricsText()).body).toContain("energy_tested_length 4");
  length = 7;
  expect((await metricsText()).body).toContain("energy_tested_length 7");
});

test("a histogram counts seconds in buckets", async () => {
  histogram("tested_seconds", "Seconds", { labels: ["step"] }).observe({ step: "store" }, 0.004);
  expect((await metricsText()).body).toContain('energy_tested_seconds_bucket{le="0.005",step="store"} 1');
});

test("the process's own figures are there, also when asked for twice", async () => {
  collectProcessMetrics();
  collectProcessMetrics();
  const { body, contentType } = await metricsText();
  expect(body).toContain("nodejs_eventloop_lag_seconds");
  expect(contentType).toContain("text/plain");
});
