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

/** From a figure of the overview to its meters, and from a meter to its readings. */
async function askTheOverview(page: Page, siteUrl: string): Promise<void> {
  await page.goto(siteUrl, { waitUntil: "networkidle" });
  await page.getByTestId("detail-days").getByRole("button", { name: "Why this number?" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Meter: Energy import");
  expect.soft(await seriousFaults(page), "why at the overview").toEqual([]);
  await dialog.getByRole("link", { name: "Its readings" }).click();
  await expect(dialog).toContainText("Measured between readings");
}

/** The supplier's bill against ours: what is typed, what differs, and from our amount to its line. */
async function checkBill(page: Page, siteUrl: string, days: { from: string; to: string }): Promise<void> {
  await page.goto(`${siteUrl}/contracts/new?shape=one-price`, { waitUntil: "networkidle" });
  await page.getByLabel("Name", { exact: true }).last().fill("Town power");
  await page.getByLabel("These prices hold since").fill("2026-01-01");
  await page.getByLabel("Price in € per kWh").first().fill("0.30");
  await page.getByRole("button", { name: "Save the contract" }).click();
  await expect(page.getByRole("heading", { name: "Town power" })).toBeVisible();
  await page.goto(`${page.url().split("?")[0]}/bill?from=${days.from}&to=${days.to}`);
  await page.getByRole("link", { name: "Check my supplier's bill against it" }).click();
  const energy = page.getByTestId("check-rows").getByRole("listitem").first();
  await energy.getByLabel("Quantity").fill("50");
  await energy.getByLabel("Amount, EUR").fill("15");
  await page.getByLabel("Total, EUR").fill("16");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByTestId("check-split")).toContainText("Other energy+€0.60");
  expect.soft(await seriousFaults(page), "bill check").toEqual([]);
  await page.getByRole("link", { name: "€14.40" }).click();
  await expect(page.getByTestId("arithmetic").first()).toContainText("48 kWh x 0.3 EUR/kWh = 14.4");
  await page.goto(`${siteUrl}/costs/checks`);
  await expect(page.getByText("Town power").first()).toBeVisible();
}

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
  const ranked = ranking.getByTestId("ranked-lines").first().getByRole("listitem").first();
  await ranked.locator("summary").click();
  await expect(ranked.getByRole("link", { name: "Meter at that time" })).toBeVisible();
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
  await page.getByTestId("lines-with").locator("summary").first().click();
  await expect(page.getByTestId("measured-and-simulated")).toContainText("Together");
  await expect(page.getByRole("link", { name: "as it was measured" })).toBeVisible();
  expect.soft(await seriousFaults(page)).toEqual([]);

  await askTheOverview(page, siteUrl);
  await checkBill(page, siteUrl, { from: day(3), to: day(1) });
});
