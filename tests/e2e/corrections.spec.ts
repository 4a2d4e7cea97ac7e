import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, phone, test } from "./fixtures.ts";

/** A register with a momentary zero that was taken for a restart: seen, explained, corrected, and the correction undone. */
async function registerWithZero(page: Page, baseURL: string): Promise<{ deviceUrl: string; token: string }> {
  await page.getByRole("link", { name: "Add a device" }).first().click();
  await page.locator('[name="name"]').fill("Meter");
  await page.getByRole("button", { name: "Add it" }).click();
  const token = (await page.getByTestId("credential-token").textContent())!.trim();
  const deviceUrl = /^.*\/devices\/[0-9a-f-]{36}/.exec(page.url())![0];
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const values = [13_423, 13_423.25, 13_423.5, 0, 0.25, 0.5, 0.75, 1];
  const rows = values.map((v, i) => ({
    "energy.import": v,
    time: new Date(hour - 3_600_000 + i * 120_000).toISOString(),
  }));
  const answer = await page.request.post(`${baseURL}/api/v1/readings`, {
    headers: { authorization: `Bearer ${token}` },
    data: rows,
  });
  expect(answer.ok()).toBe(true);
  // The figures follow the readings within seconds.
  await expect(async () => {
    await page.goto(deviceUrl);
    await expect(page.getByRole("list", { name: "Events" })).toContainText("started again from 0", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  return { deviceUrl, token };
}

/** Of its line of power: a stretch that is drawn is to be corrected, and a point that is clicked is explained. */
async function askTheLine(page: Page, deviceUrl: string): Promise<void> {
  await page.goto(`${deviceUrl}?range=hour`);
  const chart = page.getByRole("group", { name: /^Power: / });
  await expect(chart).toBeVisible();
  const box = (await chart.boundingBox())!;
  const at = (share: number) => [box.x + share * box.width, box.y + box.height / 2] as const;
  await page.mouse.move(...at(0.7));
  await page.mouse.down();
  await page.mouse.move(...at(0.9), { steps: 4 });
  await page.mouse.up();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("What is to be done")).toHaveValue("exclude");
  const [from, to] = [await dialog.getByLabel("From").inputValue(), await dialog.getByLabel("Up to").inputValue()];
  expect(from < to, `${from} < ${to}`).toBe(true);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.mouse.click(...at(0.6));
  await page.getByRole("button", { name: /^Why 1 kW|^Why 1\.00 kW/ }).click();
  await expect(dialog).toContainText("Measured between readings0.25 kWh");
  await dialog.getByRole("button", { name: "Close" }).click();
}

/** At the settings: what another unit changes is shown, and only then saved. */
async function changeUnit(page: Page, siteUrl: string): Promise<void> {
  await page.goto(`${siteUrl}/settings`, { waitUntil: "networkidle" });
  const line = page.getByRole("listitem").filter({ has: page.locator("summary", { hasText: "energy.import" }) });
  await line.locator("summary").first().click();
  await line.getByLabel("Unit").fill("Wh");
  await line.getByRole("button", { name: "Save", exact: true }).click();
  await expect(line.getByRole("status").first()).toContainText("changes from 1.5 kWh to 0.002 kWh");
  await line.getByRole("button", { name: "Save it so" }).click();
  await expect(line.getByText("Saved. What is stored is read anew.")).toBeVisible();
}

async function seriousFaults(page: Page): Promise<string[]> {
  await page.waitForTimeout(400);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target.join(" ")).join("; ")}`);
}

async function lookedAt(page: Page, name: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.evaluate((dark) => document.documentElement.classList.toggle("dark", dark), theme === "dark");
    await page.screenshot({ path: `test-results/${name}-${theme}.png`, fullPage: true });
    expect(await seriousFaults(page), `${name}, ${theme}`).toEqual([]);
  }
  await page.evaluate(() => document.documentElement.classList.remove("dark"));
}

test.setTimeout(150_000);

test("an event is seen, why is answered, a reading is left out with a preview, and that is undone", async ({
  page,
  signUp,
  baseURL,
}) => {
  const { siteUrl } = await signUp();
  const { deviceUrl, token } = await registerWithZero(page, baseURL!);
  const bar = page.getByRole("button", { name: /1\.5 kWh.*Meter: started again/ });
  await expect(bar).toBeVisible();
  await expect(page.getByTestId("event-mark")).toHaveCount(1);
  await lookedAt(page, "corrections-page");

  await bar.click();
  await page.getByRole("button", { name: "Why this number?" }).click();
  const why = page.getByRole("dialog");
  await expect(why).toContainText("Together1.5 kWh");
  await expect(why).toContainText("The meter started again from 0");
  await why.getByText("Every reading and what it adds").click();
  await expect(why.getByRole("row", { name: /13,423 → 13,423\.25/ })).toBeVisible();
  await lookedAt(page, "corrections-why");
  await why.getByRole("button", { name: "Close" }).click();

  await page.getByRole("button", { name: /Not so\? Correct/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("It is").selectOption("replacement");
  await dialog.getByLabel("Why").fill("A new meter was put in");
  await dialog.getByRole("button", { name: "Show what changes" }).click();
  await expect(dialog.getByRole("status")).toContainText(/“Started again” becomes “Other meter”/);
  await lookedAt(page, "corrections-preview");
  await dialog.getByRole("button", { name: "Save the correction" }).click();
  const events = page.getByRole("list", { name: "Events" });
  await expect(events).toContainText("Another meter counts since", { timeout: 15_000 });
  const history = page.getByRole("list", { name: "Corrections" });
  await expect(history).toContainText("A new meter was put in");
  await lookedAt(page, "corrections-made");

  const readings = page.getByRole("region", { name: "Raw readings" });
  await readings.getByRole("button", { name: "Correct the reading of" }).first().click();
  await dialog.getByLabel("What is to be done").selectOption("exclude-one");
  await dialog.getByRole("button", { name: "Show what changes" }).click();
  await expect(dialog.getByRole("status")).toContainText("changes from 1.5 kWh to 1.25 kWh");
  await dialog.getByRole("button", { name: "Save the correction" }).click();
  await expect(page.getByRole("button", { name: /1\.25 kWh/ })).toBeVisible({ timeout: 15_000 });

  await history.getByRole("button", { name: "Undo" }).first().click();
  await expect(dialog.getByRole("status")).toContainText("changes from 1.25 kWh to 1.5 kWh");
  await dialog.getByRole("button", { name: "Undo it" }).click();
  await expect(bar.or(page.getByRole("button", { name: /1\.5 kWh/ }))).toBeVisible({ timeout: 15_000 });
  await expect(history).toContainText("Undone:");

  const minute = 60_000;
  const answer = await page.request.post(`${baseURL}/api/v1/readings`, {
    headers: { authorization: `Bearer ${token}` },
    data: Array.from({ length: 61 }, (_, i) => ({ power: 1000, time: new Date(Date.now() - (60 - i) * minute) })),
  });
  expect(answer.ok()).toBe(true);
  await changeUnit(page, siteUrl);
  await askTheLine(page, deviceUrl);
});

test.describe("on a phone", () => {
  test.use(phone);
  test("events and the form fit", async ({ page, signUp, baseURL }) => {
    await signUp();
    await registerWithZero(page, baseURL!);
    await page.getByRole("button", { name: "Correct readings" }).click();
    await page.getByLabel("What is to be done").selectOption("replace");
    await lookedAt(page, "corrections-phone");
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(page.viewportSize()!.width);
  });
});
