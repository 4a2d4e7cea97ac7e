import AxeBuilder from "@axe-core/playwright";
import type { APIRequestContext, Page } from "@playwright/test";
import { expect, phone, test } from "./fixtures.ts";

const quarterMs = 900_000;

async function seriousFaults(page: Page): Promise<string[]> {
  await page.waitForTimeout(500);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target.join(" ")).join("; ")}`);
}

/** A device by its form, and its last hours over HTTP: each metric counts so much in a quarter-hour. */
async function addDevice(
  { page, request }: { page: Page; request: APIRequestContext },
  siteUrl: string,
  name: string,
  perQuarter: Record<string, number>,
): Promise<void> {
  await page.goto(`${siteUrl}/devices/new`, { waitUntil: "networkidle" });
  await page.locator('[name="name"]').fill(name);
  await page.getByRole("button", { name: "Add it" }).click();
  const token = (await page.getByTestId("credential-token").textContent())!.trim();
  const end = Math.floor(Date.now() / quarterMs) * quarterMs;
  const rows = Array.from({ length: 13 }, (_, i) => ({
    time: new Date(end - (12 - i) * quarterMs).toISOString(),
    ...Object.fromEntries(Object.entries(perQuarter).map(([metric, kwh]) => [metric, 100 + i * kwh])),
  }));
  const answer = await request.post("/api/v1/readings", { data: rows, headers: { authorization: `Bearer ${token}` } });
  expect(answer.ok()).toBe(true);
}

async function furnish(tools: { page: Page; request: APIRequestContext }, siteUrl: string): Promise<void> {
  await addDevice(tools, siteUrl, "Main meter", { "energy.import": 0.5, "energy.export": 0.125 });
  await addDevice(tools, siteUrl, "Roof", { "pv.energy.production": 0.25 });
  await addDevice(tools, siteUrl, "Heat pump", { "energy.import": 0.25 });
  await addDevice(tools, siteUrl, "Heating rod", { "energy.import": 0.125 });
}

/** Two days, so that three hours before a midnight are not missed. */
const twoDays = () => {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return `range=custom&at=${day(Date.now() - 86_400_000)}&to=${day(Date.now() + 7_200_000)}`;
};

async function openFlows(page: Page, siteUrl: string): Promise<void> {
  await expect(async () => {
    await page.goto(`${siteUrl}/flows?${twoDays()}`);
    await expect(page.getByTestId("consumer-table")).toContainText("Heating rod", { timeout: 1_000 });
    await expect(page.getByTestId("flow-table")).toContainText("6.00 kWh", { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
}

test("energy flows from where to where; a part is put below its whole, a room and a formula are made", async ({
  page,
  request,
  signUp,
}) => {
  const { siteUrl } = await signUp({ timezone: "UTC" });
  await furnish({ page, request }, siteUrl);
  await openFlows(page, siteUrl);
  const picture = page.getByTestId("sankey").getByRole("img");
  await expect(picture.first()).toHaveAttribute("aria-label", /From the grid → Used here: 6\.00 kWh/);
  await expect(picture.first()).toHaveAttribute("aria-label", /From the sun → To the grid: 1\.50 kWh/);
  await expect(page.getByTestId("completeness")).toContainText("measured");
  await page.screenshot({ path: "test-results/flows.png", fullPage: true });
  expect(await seriousFaults(page)).toEqual([]);

  await page.getByRole("link", { name: "Meters and rooms" }).click();
  await page.getByTestId("new-group").getByLabel("A new room").fill("Cellar");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("Name (0 meters)")).toBeVisible();
  const lineOf = (name: string) =>
    page
      .getByTestId("tree")
      .getByRole("listitem")
      .filter({ has: page.locator("summary", { hasText: name }) });
  const rod = lineOf("Heating rod");
  await rod.locator("summary").click();
  await rod.getByLabel("Measured by, too").selectOption({ label: "Heat pump" });
  await rod.getByLabel("Room").selectOption({ label: "Cellar" });
  await rod.getByRole("button", { name: "Save" }).click();
  await expect(rod.locator("summary")).toContainText("Level 2");
  await expect(rod.locator("summary")).toContainText("Cellar");
  const pump = lineOf("Heat pump");
  await pump.locator("summary").click();
  // What would close a circle is not offered.
  await expect(pump.getByLabel("Measured by, too").getByRole("option")).toHaveText([
    "no other meter",
    "Main meter: energy.import",
    "Main meter: energy.export",
    "Roof",
  ]);

  const form = page.getByTestId("new-virtual");
  await form.locator("summary").click();
  await form.getByLabel("Name").fill("Pump alone");
  await form.getByRole("button", { name: /Heat pump/ }).click();
  await form.getByLabel("Formula", { exact: true }).press("End");
  await form.getByLabel("Formula", { exact: true }).pressSequentially(" -");
  await expect(form.getByTestId("preview")).toContainText("but here it ends");
  await page.screenshot({ path: "test-results/meters.png", fullPage: true });
  await form.getByRole("button", { name: /Heating rod/ }).click();
  await expect(form.getByTestId("preview")).toContainText("Heat pump -Heating rod");
  await expect(form.getByTestId("preview")).toContainText("1.50 kWh");
  expect(await seriousFaults(page)).toEqual([]);
  await form.getByRole("button", { name: "Save" }).click();
  await expect(page.getByTestId(/^virtual-/)).toContainText("Pump alone");

  await page.goto(`${siteUrl}/usage?${twoDays()}&by=group`);
  await expect(page.getByTestId("usage-table")).toContainText("Cellar");
  await page.getByRole("link", { name: "Meters", exact: true }).click();
  await page.getByTestId("usage-table").getByRole("link", { name: "Heat pump" }).click();
  await expect(page.getByTestId("usage-total")).toHaveText("3.00 kWh");
  await expect(page.getByTestId("usage-table")).toContainText("Heating rod");
  await page.screenshot({ path: "test-results/usage.png", fullPage: true });
  expect(await seriousFaults(page)).toEqual([]);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download these shares as CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/_electricity_shares_.*\.csv$/);
});

test.describe("on a phone, dark", () => {
  test.use({ ...phone, colorScheme: "dark" });
  test("flows, usage and meters fit, and can be used", async ({ page, request, signUp }) => {
    const { siteUrl } = await signUp({ timezone: "UTC" });
    await furnish({ page, request }, siteUrl);
    await openFlows(page, siteUrl);
    for (const path of [`flows?${twoDays()}`, `usage?${twoDays()}`, "meters"]) {
      await page.goto(`${siteUrl}/${path}`, { waitUntil: "networkidle" });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, path).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `test-results/${path.split("?")[0]}-phone.png`, fullPage: true });
      expect(await seriousFaults(page), path).toEqual([]);
    }
  });
});
