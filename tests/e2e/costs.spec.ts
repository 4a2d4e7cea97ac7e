import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { connectAsync } from "mqtt";
import { expect, test } from "./fixtures.ts";

async function seriousFaults(page: Page): Promise<string[]> {
  await page.waitForTimeout(500);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target.join(" ")).join("; ")}`);
}

const hourMs = 3_600_000;

/** A meter that tells four days by the hour, 1 kWh each. */
async function tellHistory(page: Page, mqttUrl: string): Promise<void> {
  await page.getByRole("link", { name: "Add a device" }).first().click();
  await page.locator('[name="name"]').fill("Meter");
  await page.getByRole("button", { name: "Add it" }).click();
  const username = (await page.getByTestId("credential-user-name").textContent())!.trim();
  const password = (await page.getByTestId("credential-password").textContent())!.trim();
  const meter = await connectAsync(mqttUrl, { username, password, protocolVersion: 4 });
  const lastMs = Math.floor(Date.now() / hourMs) * hourMs;
  for (let i = 0; i <= 96; i++) {
    const row = { time: new Date(lastMs - (96 - i) * hourMs).toISOString(), "energy.import": 1000 + i };
    await meter.publishAsync("energy/meter", JSON.stringify(row), { qos: 1 });
  }
  await meter.publishAsync("energy/meter", JSON.stringify({ power: 1000 }), { qos: 1 });
  await meter.endAsync();
}

test("costs, the bill and why, tariffs compared, and what a battery would change", async ({
  page,
  signUp,
  mqttUrl,
  context,
  baseURL,
}, info) => {
  test.setTimeout(150_000);
  const { siteUrl } = await signUp({ pricePerKwh: "0.30" });
  await tellHistory(page, mqttUrl);
  await expect(async () => {
    await page.goto(`${siteUrl}/costs?range=week`);
    await expect(page.getByTestId("costs-total")).toBeVisible({ timeout: 2_000 });
  }).toPass();

  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 24 * hourMs).toISOString().slice(0, 10);
  const bill = `${siteUrl}/contracts/price/bill?from=${day(3)}&to=${day(1)}`;
  await expect(async () => {
    await page.goto(bill);
    await expect(page.getByTestId("bill-total")).toHaveText("€14.40", { timeout: 2_000 });
  }).toPass();
  await expect(page.getByTestId("completeness")).toContainText("100% measured");
  const line = page.getByTestId("bill-lines").getByRole("listitem").first();
  await line.locator("summary").focus();
  await page.keyboard.press("Enter");
  await expect(line.getByTestId("arithmetic")).toContainText("48 kWh x 0.3 EUR/kWh = 14.4");
  await expect(line.getByTestId("why-energy")).toContainText("1 kWh");
  await expect(line.getByRole("link", { name: "Meter at that time" })).toBeVisible();

  for (const theme of ["light", "dark"]) {
    await context.addCookies([{ name: "theme", value: theme, url: baseURL! }]);
    for (const path of [bill, `${siteUrl}/costs`, `${siteUrl}/costs/what-if`, `${siteUrl}/costs/checks`]) {
      await page.goto(path);
      expect.soft(await seriousFaults(page), `${theme} ${path}`).toEqual([]);
    }
  }

  await page.goto(`${siteUrl}/costs/compare`);
  await page.getByRole("button", { name: "Compare" }).click();
  const ranking = page.getByTestId("ranking");
  await expect(ranking).toContainText("Price per kWh yours");
  await ranking.getByText("Why?").first().click();
  await expect(ranking.getByText("What it is made of").first()).toBeVisible();
  await page.screenshot({ path: info.outputPath("compare.png"), fullPage: true });
  expect.soft(await seriousFaults(page)).toEqual([]);

  await page.goto(`${siteUrl}/costs/what-if?kwp=0&capacity=0`);
  await expect(page.getByTestId("saved")).toHaveText("€0.00");
  const solar = page.getByRole("slider", { name: "Solar power" });
  await solar.focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("saved")).not.toHaveText("€0.00");
  await expect(page).toHaveURL(/kwp=4/);
  await expect(page.getByTestId("assumptions")).toContainText("4 kWp");
});
