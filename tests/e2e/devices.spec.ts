import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { connectAsync, type MqttClient } from "mqtt";
import { expect, phone, test } from "./fixtures.ts";

/** Adds a gateway by its form and connects as it. */
async function addGateway(page: Page, mqttUrl: string): Promise<MqttClient> {
  await page.getByRole("link", { name: "Add a device" }).first().click();
  await page.locator('[name="name"]').fill("Gateway");
  await page.locator('[name="kind"]').selectOption("gateway");
  await page.getByRole("button", { name: "Add it" }).click();
  const username = (await page.getByTestId("credential-user-name").textContent())!.trim();
  const password = (await page.getByTestId("credential-password").textContent())!.trim();
  await page.getByRole("link", { name: "Devices" }).first().click();
  await expect(page.getByRole("heading", { name: "Devices" })).toBeVisible();
  return connectAsync(mqttUrl, { username, password, protocolVersion: 4 });
}

const say = (gateway: MqttClient, name: string, row: object) =>
  gateway.publishAsync(`energy/${name}`, JSON.stringify(row), { qos: 1 });

async function seriousFaults(page: Page): Promise<string[]> {
  await page.waitForTimeout(500);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target.join(" ")).join("; ")}`);
}

test("what a gateway speaks for appears in the inbox by itself, and is accepted, ignored and merged", async ({
  page,
  signUp,
  mqttUrl,
}) => {
  const { siteUrl } = await signUp();
  const gateway = await addGateway(page, mqttUrl);
  await expect(page.getByText("never heard")).toBeVisible();
  await say(gateway, "0xa4c1", { power: 81, "energy.import": 12.5 });
  const inbox = page.getByTestId("inbox");
  const fridge = inbox.getByRole("article", { name: "0xa4c1" });
  await expect(fridge).toContainText("81 W", { timeout: 5_000 });
  await expect(fridge).toContainText("12.5 kWh");
  await expect(page.getByTestId("inbox-count").first()).toHaveText("1 new");
  await fridge.getByText("Show its message").click();
  await expect(fridge.getByTestId("message")).toContainText('"power": 81');
  await page.screenshot({ path: "test-results/inbox.png", fullPage: true });
  expect(await seriousFaults(page)).toEqual([]);

  await fridge.getByLabel("Name").fill("Fridge");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: /Fridge/ })).toBeVisible();
  await expect(inbox).toBeHidden();

  await say(gateway, "neighbour", { power: 5 });
  await page.getByRole("button", { name: "Ignore neighbour" }).click();
  await page.getByRole("link", { name: "1 device is ignored" }).click();
  await expect(page.getByRole("button", { name: "Accept neighbour after all" })).toBeVisible();
  await page.screenshot({ path: "test-results/ignored.png", fullPage: true });
  expect(await seriousFaults(page)).toEqual([]);

  await page.goto(`${siteUrl}/devices`);
  await say(gateway, "0xb7", { power: 90, "energy.import": 13 });
  await page.getByRole("link", { name: "Merge 0xb7 into …" }).click();
  await page.getByRole("combobox", { name: "Merge 0xb7 into" }).selectOption({ label: "Fridge" });
  await page.getByRole("button", { name: "Show what will happen" }).click();
  await expect(page.getByTestId("pairs").getByRole("listitem")).toHaveCount(2);
  await page.screenshot({ path: "test-results/merge.png", fullPage: true });
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole("button", { name: "Merge 0xb7 into Fridge" }).click();
  await expect(page.getByRole("heading", { name: "Fridge", exact: true })).toBeVisible();
  await say(gateway, "0xb7", { power: 123 });
  await expect(page.getByTestId("value-power")).toHaveText("123 W", { timeout: 5_000 });
  await gateway.endAsync();
});

test("the health page says how a device does", async ({ page, signUp, mqttUrl, context, baseURL }) => {
  const { siteUrl } = await signUp();
  const gateway = await addGateway(page, mqttUrl);
  const itsNow = Date.now() - 180_000;
  const isThere = (i: number) => i < 1_500 || i > 1_700;
  const rows = Array.from({ length: 2_880 }, (_, i) => ({
    time: (itsNow - (2_879 - i) * 60_000) / 1000,
    power: i % 300,
  }));
  await say(
    gateway,
    "meter",
    rows.filter((_, i) => isThere(i)),
  );
  for (let i = 0; i < 3; i++) await say(gateway, "meter", { time: Date.now() / 1000 - 180, power: 100 + i, battery_level: 17, signal_strength: -71 }); // prettier-ignore
  await gateway.publishAsync("energy/meter", "{ no json", { qos: 1 });
  await page.goto(`${siteUrl}/devices`);
  await page.getByRole("button", { name: "Accept meter" }).click();
  await page.getByRole("link", { name: /^meter/ }).click();
  await page.getByRole("link", { name: "Health" }).click();
  await expect(page.getByTestId("presence")).toContainText("It reports.");
  await expect(page.getByText("Its clock is about 3 minutes behind")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId("count-messages")).toHaveText("4");
  await expect(page.getByTestId("gaps").getByRole("row")).toHaveCount(2);
  await page.screenshot({ path: "test-results/health.png", fullPage: true });
  expect(await seriousFaults(page)).toEqual([]);
  await context.addCookies([{ name: "theme", value: "dark", url: baseURL! }]);
  await page.reload();
  await page.getByRole("button", { name: "Readings", exact: true }).click();
  await page.screenshot({ path: "test-results/health-dark.png", fullPage: true });
  expect(await seriousFaults(page)).toEqual([]);
  await gateway.endAsync();
});

test.describe("hardware", () => {
  // The refused form at the end.
  test.use({ expectedErrors: [/status of 400/] });

  test("is replaced, and the settings lead there", async ({ page, signUp, mqttUrl }) => {
    const { siteUrl } = await signUp();
    const gateway = await addGateway(page, mqttUrl);
    await say(gateway, "old meter", { power: 5, "energy.import": 48211 });
    await say(gateway, "new meter", { power: 6, "energy.import": 1 });
    await page.goto(`${siteUrl}/devices`);
    await page.getByRole("button", { name: "Accept all 2" }).click();
    await page.getByRole("link", { name: /^old meter/ }).click();
    await page.locator("main").getByRole("link", { name: "Settings" }).click();
    await expect(page.getByRole("link", { name: "Replace the hardware" })).toBeVisible();
    await page.screenshot({ path: "test-results/device-settings.png", fullPage: true });
    await page.getByRole("link", { name: "Replace the hardware" }).click();
    await page.getByLabel("The new device").selectOption({ label: "new meter" });
    await page.getByRole("button", { name: "Show what will happen" }).first().click();
    await page.getByLabel("Old register at its end, kWh").fill("48212.5");
    await page.screenshot({ path: "test-results/replace.png", fullPage: true });
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Replace it by new meter" }).click();
    await expect(page.getByRole("heading", { name: "old meter", exact: true })).toBeVisible();
    await page.goto(`${siteUrl}/settings`);
    const channel = page.locator("li").filter({ hasText: "energy.import" }).first();
    await channel.locator("summary").first().click();
    await channel.getByText("How it measures: limits, rhythm, phase").click();
    await channel.getByLabel("Lowest value that can be true, kWh").fill("10");
    await channel.getByLabel("Highest value that can be true, kWh").fill("1");
    await channel.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The lowest value must be below the highest.").first()).toBeVisible();
    await page.screenshot({ path: "test-results/channel-form.png", fullPage: true });
    expect(await seriousFaults(page)).toEqual([]);
    await gateway.endAsync();
  });
});

test.describe("on a phone", () => {
  test.use(phone);

  test("the inbox and the health page fit", async ({ page, signUp, mqttUrl }) => {
    const { siteUrl } = await signUp();
    const gateway = await addGateway(page, mqttUrl);
    await say(gateway, "fridge in the cellar", { power: 81, "energy.import": 12.5, temperature: 4 });
    await page.goto(`${siteUrl}/devices`);
    await expect(page.getByTestId("inbox")).toContainText("81 W");
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
    expect(await fits()).toBe(true);
    await page.screenshot({ path: "test-results/inbox-phone.png", fullPage: true });
    await page.getByRole("link", { name: "fridge in the cellar", exact: true }).click();
    await expect(page.getByText("It is new, and does not count at this place yet.")).toBeVisible();
    await page.getByRole("link", { name: "Health" }).click();
    await expect(page.getByTestId("presence")).toBeVisible();
    expect(await fits()).toBe(true);
    await page.screenshot({ path: "test-results/health-phone.png", fullPage: true });
    await gateway.endAsync();
  });
});
