import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, phone, test } from "./fixtures.ts";

/** A supplier's file: local time, decimal commas, one row that is wrong. A day, so that its energy is known. */
function supplierFile(): string {
  const rows = Array.from({ length: 96 }, (_, i) => {
    const clock = `${String(Math.floor(i / 4)).padStart(2, "0")}:${String((i % 4) * 15).padStart(2, "0")}`;
    return `14.03.2025;${clock};${(100 + i / 4).toFixed(2).replace(".", ",")};1,5`;
  });
  rows.splice(10, 0, "30.02.2025;00:00;1;1");
  return `Datum;Uhrzeit;Bezug (kWh);Leistung [kW]\n${rows.join("\n")}\n`;
}

async function send(page: Page, siteUrl: string, name: string, text: string): Promise<void> {
  await page.goto(`${siteUrl}/settings`);
  await page.getByRole("link", { name: "Import history" }).click();
  await page.getByLabel("Its name").fill("Supplier");
  await page.getByLabel("File").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.getByRole("button", { name: "Send it" }).click();
}

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target.join(" ")).join("; ")}`);
}

test("a supplier's file is sent, understood, imported, and its refused row is said", async ({
  page,
  signUp,
  context,
  baseURL,
}, info) => {
  const { siteUrl } = await signUp();
  await send(page, siteUrl, "haus 2025.csv", supplierFile());
  await expect(page.getByTestId("preview")).toContainText("energy.import");
  await expect(page.getByTestId("preview")).toContainText("1.50 kW");
  await expect(page.getByTestId("preview")).toContainText("100 kWh");
  const energy = page.getByRole("group", { name: "Bezug (kWh)" });
  await expect(energy.getByLabel("What it is")).toHaveValue("counter");
  await expect(page.getByLabel("How times are written")).toHaveValue("dd.MM.yyyy HH:mm");
  await expect(page.getByTestId("refusals")).toContainText("30.02.2025 00:00");
  for (const theme of ["light", "dark"]) {
    await context.addCookies([{ name: "theme", value: theme, url: baseURL! }]);
    await page.reload();
    await page.waitForTimeout(500);
    await page.screenshot({ path: info.outputPath(`settle-${theme}.png`), fullPage: true });
    expect.soft(await seriousFaults(page)).toEqual([]);
  }

  await page.getByRole("group", { name: "Leistung [kW]" }).getByLabel("What it is").selectOption("");
  await page.getByRole("button", { name: "Look again" }).click();
  await expect(page.getByTestId("preview")).not.toContainText("1.50 kW");
  await page.getByRole("button", { name: "Import it" }).press("Enter");
  await expect(page.getByRole("heading", { name: "Done", exact: true })).toBeVisible({ timeout: 15_000 });
  await expect(page.getByTestId("outcome")).toContainText("96 readings stored, 1 refused");
  await expect(page.getByTestId("refusals")).toContainText("12");
  await page.screenshot({ path: info.outputPath("done-dark.png"), fullPage: true });
  expect.soft(await seriousFaults(page)).toEqual([]);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download them" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("haus-2025.csv_refused.csv");

  await page.getByRole("link", { name: "Open the device" }).click();
  await expect(page.getByTestId("value-energy.import")).toBeVisible();
  await page.getByRole("link", { name: "Import history" }).click();
  await expect(page.getByLabel("Whose history it is")).toContainText("Supplier");
  await expect(page.getByRole("link", { name: /haus 2025\.csv/ })).toContainText("Done");
  expect.soft(await seriousFaults(page)).toEqual([]);
});

test("a file that says too little is asked about", async ({ page, signUp }) => {
  const { siteUrl } = await signUp();
  await send(page, siteUrl, "feed.dat", "\u0000\u0000\u0000\u0000");
  await expect(page.getByText("does not say when it starts")).toBeVisible();
  await page.getByLabel("First value, as unix seconds").fill("1741944413");
  await page.getByLabel("Interval in seconds").fill("10");
  await page.getByRole("button", { name: "Look again" }).click();
  await expect(page.getByTestId("preview")).toContainText("feed");
  await page.getByRole("button", { name: "Do not import" }).click();
  await expect(page.getByRole("link", { name: /feed\.dat/ })).toContainText("Cancelled");
});

test.describe("on a phone", () => {
  test.use(phone);
  test("nothing sticks out", async ({ page, signUp }, info) => {
    const { siteUrl } = await signUp();
    await send(page, siteUrl, "haus.csv", supplierFile());
    await expect(page.getByTestId("preview")).toBeVisible();
    await page.screenshot({ path: info.outputPath("settle-phone.png"), fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide).toBeLessThanOrEqual(0);
  });
});
