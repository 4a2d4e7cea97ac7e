import { connectAsync, type MqttClient } from "mqtt";
import { expect, test } from "./fixtures.ts";

/** A plug's message as Tasmota sends it. */
function sensor(watts: number, totalKwh: number): string {
  const energy = {
    Total: totalKwh,
    Yesterday: 1.2,
    Today: 0.4,
    Power: watts,
    ApparentPower: watts + 3,
    ReactivePower: 4,
    Factor: 0.97,
    Voltage: 231,
    Current: 1.8,
  };
  return JSON.stringify({ Time: "2026-03-01T10:00:00", ENERGY: energy });
}

test("a newcomer signs up, adds a Tasmota plug, and sees its number change without a reload", async ({
  page,
  signUp,
  mqttUrl,
}) => {
  await signUp();
  await page.getByRole("link", { name: "Add a device" }).first().click();
  await page.locator('[name="name"]').fill("Washing machine");
  await page.getByRole("button", { name: "Add it" }).click();
  const username = (await page.getByTestId("credential-user-name").textContent())!.trim();
  const password = (await page.getByTestId("credential-password").textContent())!.trim();

  const plug: MqttClient = await connectAsync(mqttUrl, { username, password, protocolVersion: 4, clientId: "DVES_1" });
  await plug.publishAsync("tele/washer/SENSOR", sensor(420, 12.5), { qos: 1 });
  const message = page.getByTestId("message");
  await expect(message).toBeVisible({ timeout: 5_000 });
  await expect(message).toContainText("energy.import");
  await page.getByRole("link", { name: "Open the device" }).click();

  await expect(page.getByTestId("value-power")).toHaveText("420 W", { timeout: 5_000 });
  await page.getByRole("link", { name: "Overview" }).first().click();
  await expect(page.getByTestId("power-now")).toHaveText("420 W");
  const loads: string[] = [];
  page.on("request", (request) => request.isNavigationRequest() && loads.push(request.url()));
  await plug.publishAsync("tele/washer/SENSOR", sensor(777, 12.6), { qos: 1 });
  await expect(page.getByTestId("power-now")).toHaveText("777 W", { timeout: 2_000 });
  // The second message made the first bar.
  await expect(page.getByTestId("today")).toHaveText("0.100 kWh", { timeout: 5_000 });
  expect(loads).toEqual([]);
  await plug.endAsync();
});

test("line protocol over HTTP: a field named power is a power at once, and a wrong token is told so", async ({
  page,
  signUp,
  request,
  baseURL,
}) => {
  await signUp();
  await page.getByRole("link", { name: "Add a device" }).first().click();
  await page.locator('[name="name"]').fill("Telegraf");
  await page.getByRole("button", { name: "Add it" }).click();
  const token = (await page.getByTestId("credential-token").textContent())!.trim();
  const write = (body: string, key = token) =>
    request.post(`${baseURL}/api/v2/write?org=home&bucket=energy`, {
      headers: { authorization: `Token ${key}` },
      data: body,
    });

  expect((await write("home power=1000")).status()).toBe(204);
  await expect(page.getByTestId("message")).toContainText("home.power", { timeout: 5_000 });
  await page.getByRole("link", { name: "Open the device" }).click();
  await expect(page.getByText("W assumed")).toBeVisible();
  await page.getByRole("link", { name: "Overview" }).first().click();
  await expect(page.getByTestId("power-now")).toHaveText("1.00 kW");
  expect((await write("home power=1250")).status()).toBe(204);
  await expect(page.getByTestId("power-now")).toHaveText("1.25 kW", { timeout: 2_000 });
  expect((await write("home power=1", "wrong")).status()).toBe(401);
  expect((await write("home power=")).status()).toBe(400);
});
