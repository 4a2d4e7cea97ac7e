import AxeBuilder from "@axe-core/playwright";
import { connectAsync } from "mqtt";
import { expect, phone, test } from "./fixtures.ts";

test("a payload that nobody knows is understood by a few ticks", async ({ page, signUp, mqttUrl }) => {
  await signUp();
  await page.getByRole("link", { name: "Add a device" }).first().click();
  await page.locator('[name="name"]').fill("Cellar");
  await page.getByRole("button", { name: "Add it" }).click();
  const username = (await page.getByTestId("credential-user-name").textContent())!.trim();
  const password = (await page.getByTestId("credential-password").textContent())!.trim();
  const device = await connectAsync(mqttUrl, { username, password, protocolVersion: 4 });
  const say = (p: number) =>
    device.publishAsync("cellar/pump", JSON.stringify({ m: { p, u: 230, i: 5.4 }, total: 48_211_375 }), { qos: 1 });
  await say(1.25);
  await expect(page.getByTestId("message")).toBeVisible();
  await page.goto(page.url().replace(/\/setup.*/, "/mapping"));

  await expect(page.getByText("volts x amperes make 1242 VA")).toBeVisible();
  await expect(page.getByLabel("m.p is")).toHaveValue("power");
  await expect(page.getByLabel("m.p: unit")).toHaveValue("kW");
  await page.getByRole("checkbox", { name: /^total/ }).check();
  await page.getByLabel("total is").fill("energy.import");
  await page.getByLabel("total: unit").selectOption("Wh");
  await page.getByLabel("total: kind").selectOption("counter");
  await page.screenshot({ path: "test-results/mapping.png", fullPage: true });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical")).toEqual([]);
  await page.getByLabel("total: kind").press("Enter");
  await page.getByRole("button", { name: /^Save/ }).click();
  await expect(page.getByText(/it holds from the next message on/)).toBeVisible();

  await page.setViewportSize(phone.viewport);
  const isTooWide = () => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(await isTooWide()).toBe(false);
  // The settings of a device that changed hold for a new connection.
  await device.endAsync(true);
  const again = await connectAsync(mqttUrl, { username, password, protocolVersion: 4 });
  await again.publishAsync("cellar/pump", '{"m":{"p":1.5,"u":231,"i":6.6},"total":48211400}', { qos: 1 });
  await page.getByRole("link", { name: "To the device" }).click();
  await expect(page.getByText("1,500").or(page.getByText("1.5 kW")).first()).toBeVisible();
  await expect(page.getByText("48,211.4").first()).toBeVisible();
  await again.endAsync();
});
