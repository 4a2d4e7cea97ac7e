import { expect, phone, test } from "./fixtures.ts";

// What is refused on purpose below.
test.use({ ...phone, expectedErrors: [/status of 40[01]/] });

test("a key is made, copied, used from the documentation's page, and revoked", async ({ page, signUp, context }) => {
  await signUp({ site: "Cabin" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/organization/keys");
  await page.getByLabel("Name").fill("Home Assistant");
  await page.getByRole("checkbox", { name: /^Read/ }).uncheck();
  await page.getByRole("button", { name: "Make the key" }).click();
  await expect(page.getByText("Choose what it may do.")).toBeVisible();
  await page.getByRole("checkbox", { name: /^Read/ }).check();
  await page.getByRole("button", { name: "Make the key" }).click();
  const secret = (await page.getByTestId("api-key-secret").textContent())!;
  expect(secret).toMatch(/^ek_[\w-]{43}$/);
  await page.getByRole("button", { name: "Copy the key" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  await expect(page.getByTestId("api-key")).toContainText(`Home Assistant ${secret.slice(0, 9)}…`);
  await expect(page.getByTestId("api-key")).toContainText("never used");

  const sites = () => page.request.get("/api/v1/sites", { headers: { authorization: `Bearer ${secret}` } });
  expect((await (await sites()).json()).items).toMatchObject([{ name: "Cabin" }]);

  await page.goto("/docs/api", { waitUntil: "networkidle" });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, "the page does not scroll sideways").toBeLessThanOrEqual(0);
  await page.getByText("Try it: The sites, oldest first").click();
  const form = page.getByTestId("try-listSites");
  await form.getByRole("button", { name: "Send GET" }).click();
  await expect(form.getByText("401", { exact: true })).toBeVisible();
  await page.getByLabel("API key to try calls with").fill(secret);
  await form.getByLabel("limit").fill("1");
  await form.getByRole("button", { name: "Send GET" }).click();
  await expect(form.getByLabel("The answer")).toContainText('"name": "Cabin"');
  await expect(form.getByText(/^etag: W\//)).toBeVisible();

  await page.goto("/organization/keys");
  await expect(page.getByText(secret)).toHaveCount(0);
  await expect(page.getByTestId("api-key")).toContainText("last used");
  await page.getByRole("button", { name: "Revoke Home Assistant" }).click();
  await page.getByRole("button", { name: "Revoke it" }).click();
  await expect(page.getByText("There is none yet.")).toBeVisible();
  expect((await sites()).status()).toBe(401);
});
