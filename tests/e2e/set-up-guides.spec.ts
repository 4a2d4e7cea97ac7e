import type { Page } from "@playwright/test";
import { expect, phone, test } from "./fixtures.ts";

async function addDevice(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Add a device" }).first().click();
  await page.locator('[name="name"]').fill("Roof");
  await page.getByRole("button", { name: "Add it" }).click();
  await expect(page.getByTestId("credential-password")).toBeVisible();
}

test("hardware is found by its name with the keyboard, and its guide has the credential in it", async ({
  page,
  signUp,
}) => {
  await signUp();
  await addDevice(page);
  const password = (await page.getByTestId("credential-password").textContent())!.trim();
  await page.getByRole("searchbox").fill("hoymiles");
  await expect(page.getByRole("link", { name: /^AhoyDTU/ })).toBeVisible();
  await expect(page.getByRole("link", { name: /^Tasmota/ })).toHaveCount(0);
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("link", { name: /^OpenDTU/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\?with=opendtu$/);
  await expect(page.getByRole("heading", { name: "Connect it: OpenDTU" })).toBeVisible();
  await expect(page.getByLabel("OpenDTU, part 1").last()).toContainText(password);
  await expect(page.getByRole("searchbox")).toBeHidden();
  await page.getByText("Choose another").click();
  await page.getByRole("searchbox").fill("p1 ser2net");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Connect it: P1 port (telegrams)" })).toBeVisible();
});

test.describe("on a phone", () => {
  test.use(phone);

  test("the list is no wider than the page", async ({ page, signUp }) => {
    await signUp();
    await addDevice(page);
    await expect(page.getByRole("link", { name: /^Victron/ })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });
});

test("without scripts the search is a form and the guides are links", async ({ page, signUp, browser, baseURL }) => {
  await signUp();
  await addDevice(page);
  const address = page.url().split("?")[0]!;
  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  const bare = await plain.newPage();
  await bare.goto(new URL(address, baseURL).href);
  await bare.getByRole("searchbox").fill("lorawan");
  await bare.keyboard.press("Enter");
  await expect(bare.getByRole("link", { name: /^Victron/ })).toHaveCount(0);
  await bare.getByRole("link", { name: /^ChirpStack/ }).click();
  await expect(bare.getByRole("heading", { name: "Connect it: ChirpStack" })).toBeVisible();
  await plain.close();
});
