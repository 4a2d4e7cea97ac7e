import AxeBuilder from "@axe-core/playwright";
import type { BrowserContext, Page } from "@playwright/test";
import { expect, phone, test } from "./fixtures.ts";

/** Axe finds nothing serious, and nothing is wider than the screen; pictures of both themes are kept. */
async function look(page: Page, context: BrowserContext, name: string, size = "desk"): Promise<void> {
  for (const theme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: theme as "light" });
    await page.evaluate((dark) => document.documentElement.classList.toggle("dark", dark), theme === "dark");
    await page.waitForTimeout(300);
    await page.screenshot({ path: `test-results/${name}-${size}-${theme}.png`, fullPage: true });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect
      .soft(
        serious.map(({ id, nodes }) => `${name} ${theme}: ${id}: ${nodes.map((n) => n.target.join(" ")).join("; ")}`),
      )
      .toEqual([]);
  }
  await page.evaluate(() => document.documentElement.classList.remove("dark"));
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth),
    `${name} is too wide`,
  ).toBe(false);
}

/** Draws a rectangle on the week: rows from 0 (Monday) to 7 (holidays), hours of the day. */
async function draw(page: Page, rows: [number, number], hours: [number, number]): Promise<void> {
  const grid = page.getByTestId("week-grid").first();
  await grid.scrollIntoViewIfNeeded();
  const box = (await grid.boundingBox())!;
  const at = (row: number, hour: number) =>
    [box.x + (hour / 24) * box.width, box.y + ((row + 0.5) / 8) * box.height] as const;
  await page.mouse.move(...at(rows[0], hours[0] + 0.5));
  await page.mouse.down();
  await page.mouse.move(...at(rows[1], hours[1] - 0.5), { steps: 4 });
  await page.mouse.up();
}

const total = (page: Page) => page.getByTestId("preview-total");

test("a contract is painted, priced, changed, corrected and taken back", async ({ page, signUp, context }) => {
  test.setTimeout(180_000);
  await signUp();
  await page.getByRole("link", { name: "Contracts" }).first().click();
  await expect(page.getByText("No contract yet")).toBeVisible();
  await page.getByRole("link", { name: "Add a contract" }).click();
  await look(page, context, "contract-shapes");
  await page.getByRole("link", { name: /^Day and night/ }).click();

  // With nothing measured the standing charge alone is billed, and follows what is typed, with a comma too.
  await expect(total(page)).toHaveText("€10.00");
  await expect(page.getByText(/Nothing was measured/)).toBeVisible();
  await page.getByLabel("Amount in €").fill("12,50");
  await expect(total(page)).toHaveText("€12.50");
  await page.getByLabel("Price in € per kWh").first().fill("cheap");
  await expect(page.getByTestId("preview")).toContainText("Energy, Night, price");
  await expect(page.getByLabel("Price in € per kWh").first()).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Price in € per kWh").first().fill("0,20");
  await expect(total(page)).toHaveText("€12.50");

  // Saturday and Sunday are painted with the mouse, Monday's noon with the keyboard, holidays by copying.
  await draw(page, [5, 6], [6, 22]);
  const grid = page.getByTestId("week-grid");
  await grid.focus();
  await page.keyboard.press("1");
  for (let i = 0; i < 6; i++) await page.keyboard.press("ArrowUp");
  for (let i = 0; i < 24; i++) await page.keyboard.press("ArrowLeft");
  for (let i = 0; i < 12; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Space");
  await page.getByText("By typing, copy a day").click();
  await page.getByLabel("Copy", { exact: true }).selectOption("Sunday");
  await page.getByLabel("To", { exact: true }).last().selectOption("Holiday");
  await page.getByRole("button", { name: "Copy the day" }).click();
  const words = page.getByRole("region", { name: "The week in words" });
  await expect(words.getByRole("row", { name: /^Saturday/ })).toContainText("00:00-24:00");
  await expect(words.getByRole("row", { name: /^Holiday/ })).toContainText("00:00-24:00");
  await expect(words.getByRole("row", { name: /^Monday/ })).toContainText("12:00-14:00, 22:00-06:00");
  await expect(words.getByRole("row", { name: /^Tuesday/ })).toContainText("22:00-06:00");
  await look(page, context, "contract-editor");
  await page.setViewportSize(phone.viewport);
  await look(page, context, "contract-editor", "phone");
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByLabel("Name", { exact: true }).last().fill("Town power");
  await page.getByLabel("These prices hold since").fill("2026-01-01");
  await page.getByRole("button", { name: "Save the contract" }).click();
  await expect(page.getByRole("heading", { name: "Town power" })).toBeVisible();
  await expect(page.getByTestId("version")).toContainText("Night €0.20/kWh · Day €0.30/kWh, €12.50 a month");

  await page.getByRole("link", { name: "Prices change …" }).click();
  await page.getByLabel("Amount in €").fill("14");
  await page.getByLabel("They hold from").fill("2027-01-01");
  await page.getByLabel("Note").fill("letter of autumn");
  await expect(page.getByTestId("preview")).toContainText("€1.50 more");
  await page.getByRole("button", { name: "Save the new prices" }).click();
  await expect(page.getByTestId("version")).toHaveCount(2);
  await expect(page.getByTestId("version").first()).toContainText("€14.00 a month");

  await page.getByTestId("version").last().getByRole("link", { name: "Correct it" }).click();
  await page.getByLabel("Amount in €").fill("11.90");
  await page.getByLabel("What was wrong").fill("misread");
  await page.getByRole("button", { name: "Save the correction" }).click();
  await expect(page.getByTestId("version").last()).toContainText("€11.90 a month");
  await expect(page.getByTestId("past-version")).toContainText("€12.50 a month");
  await look(page, context, "contract");
  await page.setViewportSize(phone.viewport);
  await look(page, context, "contract", "phone");
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByTestId("version").first().getByRole("button", { name: "Take it back" }).click();
  await page.getByRole("button", { name: "Take them back" }).click();
  await expect(page.getByTestId("version")).toHaveCount(1);
  await expect(page.getByTestId("past-version")).toHaveCount(2);

  await page.getByRole("link", { name: "All contracts" }).click();
  await expect(page.getByText("in force")).toBeVisible();
  await look(page, context, "contracts");
  await page.getByRole("link", { name: "Town power" }).click();
  await page.getByRole("button", { name: "Delete the contract" }).click();
  await page.getByRole("button", { name: "Delete it for good" }).click();
  await expect(page.getByText("No contract yet")).toBeVisible();
});

test("a tariff of the library is taken; what cannot be painted stays as it is", async ({ page, signUp, context }) => {
  test.setTimeout(120_000);
  const { siteUrl } = await signUp();
  await page.goto(`${siteUrl}/contracts/new`, { waitUntil: "networkidle" });
  await page.getByLabel("Search").fill("africa");
  await page.getByRole("link", { name: /seasonal time of use/ }).click();
  await expect(page.getByText(/Prices change/)).toBeVisible();
  await expect(page.getByText(/They were read in ZAR/)).toBeVisible();
  await page.getByRole("button", { name: "Rest of the year" }).click();
  await draw(page, [0, 4], [10, 12]);
  await expect(page.getByTestId("preview-total")).toBeVisible();
  await look(page, context, "contract-seasons");
  await page.getByRole("button", { name: "Save the contract" }).click();
  await expect(page.getByTestId("version")).toContainText("High season, peak €7.04/kWh");

  await page.goto(`${siteUrl}/contracts/new?library=fr-tempo`, { waitUntil: "networkidle" });
  await expect(page.getByText(/cannot be painted on a week/)).toBeVisible();
  await expect(page.getByText(/is for the same energy and goes on/)).toBeVisible();
  await page.getByText("When each rate holds").click();
  await expect(page.getByLabel("When each rate holds")).toContainText('"dayLists"');
  await page.goto(`${siteUrl}/contracts/new?library=us-ratchet`, { waitUntil: "networkidle" });
  await look(page, context, "contract-demand");
});

test("a tariff is pasted as JSON; what is wrong with it is told by its path", async ({ page, signUp }) => {
  const { siteUrl } = await signUp();
  await page.goto(`${siteUrl}/contracts/new?shape=json`, { waitUntil: "networkidle" });
  const json = page.getByLabel("JSON");
  await json.fill("{");
  await page.getByRole("button", { name: "Open it" }).click();
  await expect(page.getByText(/This is not JSON/)).toBeVisible();
  const tariff = (price: string) =>
    JSON.stringify({
      name: "Pasted",
      currency: "EUR",
      components: [{ type: "energy", price, rounding: { mode: "floor" } }],
    });
  await json.fill(tariff("cheap"));
  await page.getByRole("button", { name: "Open it" }).click();
  await expect(page.getByText(/components\.0\.price: a decimal number/)).toBeVisible();
  await json.fill(tariff("0.29"));
  await page.getByRole("button", { name: "Open it" }).click();
  await expect(page.getByText("Also in the tariff, and kept")).toBeVisible();
  await page.getByRole("button", { name: "Save the contract" }).click();
  await expect(page.getByTestId("version")).toContainText("€0.29/kWh");
});

test.describe("on a phone", () => {
  test.use(phone);
  test("hours are painted with a finger, and the total stays in sight", async ({ page, signUp, context }) => {
    const { siteUrl } = await signUp();
    await page.goto(`${siteUrl}/contracts/new?shape=day-and-night`, { waitUntil: "networkidle" });
    const bar = page.getByRole("link", { name: /Last bill by these prices/ });
    await expect(bar).toContainText("€10.00");
    const grid = page.getByTestId("week-grid");
    await grid.scrollIntoViewIfNeeded();
    await grid.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const box = (await grid.boundingBox())!;
    const at = (row: number, hour: number) => [
      { x: box.x + (hour / 24) * box.width, y: box.y + ((row + 0.5) / 8) * box.height },
    ];
    const finger = await context.newCDPSession(page);
    await finger.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(5, 6.5) });
    await finger.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(6, 15) });
    await finger.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(6, 21.5) });
    await finger.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await page.getByText("By typing, copy a day").click();
    const words = page.getByRole("region", { name: "The week in words" });
    await expect(words.getByRole("row", { name: /^Sunday/ })).toContainText("00:00-24:00");
    await expect(words.getByRole("row", { name: /^Friday/ })).toContainText("22:00-06:00");
    await page.screenshot({ path: "test-results/contract-painting-phone.png" });
    await bar.click();
    await expect(page.getByTestId("preview")).toBeInViewport();
  });
});
