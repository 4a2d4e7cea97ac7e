import { connectAsync } from "mqtt";
import { SetupError } from "../../platform/env.ts";
import { startBenchServer } from "./bench-server.ts";
import { percentile, print } from "./figure.ts";

// As text: what tsx makes of a function does not run outside of this process.
const watchPower = `
  window.seen = {};
  new MutationObserver(() => {
    const text = document.querySelector('[data-testid="power-now"]')?.textContent ?? "";
    window.seen[text] ??= Date.now();
  }).observe(document.body, { subtree: true, childList: true, characterData: true });`;

/** From the publish of a reading (QoS 1) to its value on the dashboard of a real browser. */
export async function benchLive({
  messages,
  browser: browserPath,
}: {
  messages: number;
  browser: string;
}): Promise<void> {
  const { chromium } = await import("@playwright/test").catch(() => {
    throw new SetupError(
      "energy bench live needs a browser: run it from a checkout, after `make test` has installed one.",
    );
  });
  const server = await startBenchServer();
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    const { credential } = await server.addDevice("plug");
    const client = await connectAsync(`mqtt://127.0.0.1:${server.mqttPort}`, {
      username: credential.username,
      password: credential.password,
      protocolVersion: 4,
    });
    const page = await browser.newPage();
    await page.goto(`${server.url}/login`);
    await page.locator('[name="email"]').fill(server.organization.email);
    await page.locator('[name="password"]').fill(server.organization.password);
    const publish = (watts: number) => client.publishAsync("energy/plug", JSON.stringify({ power: watts }), { qos: 1 });
    await publish(1);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    // Observed inside the browser: the moment the number stands there, by the clock both share.
    await page.evaluate(watchPower);
    const sent: number[] = [];
    const acknowledged: number[] = [];
    for (let i = 0; i < messages; i++) {
      sent.push(Date.now());
      const begun = performance.now();
      await publish(100 + i);
      acknowledged.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    await page.waitForTimeout(1_000);
    const seen = (await page.evaluate("window.seen")) as Record<string, number>;
    const delays = sent
      .map((at, i) => (seen[`${100 + i} W`] ?? NaN) - at)
      .filter((ms) => !Number.isNaN(ms))
      .sort((a, b) => a - b);
    acknowledged.sort((a, b) => a - b);
    print({
      name: "live.browser",
      value: percentile(delays, 0.95),
      unit: "ms publish to browser, p95",
      p50: percentile(delays, 0.5),
      seen: delays.length,
      sent: messages,
      limit: 300,
      ratio: percentile(delays, 0.95) / 300,
    });
    print({
      name: "live.puback",
      value: percentile(acknowledged, 0.95),
      unit: "ms publish to PUBACK, p95",
      p50: percentile(acknowledged, 0.5),
    });
    await client.endAsync();
  } finally {
    await browser.close();
    await server.stop();
  }
}
