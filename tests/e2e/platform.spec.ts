import { spawnSync } from "node:child_process";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { TOTP } from "otpauth";
import { expect, test } from "./fixtures.ts";

test.use({ expectedErrors: [/status of 404/] });

/** As who runs the installation does, at its terminal. */
function energy(...words: string[]): void {
  const env = {
    ...process.env,
    DATA_DIR: process.env["E2E_DATA_DIR"],
    DATABASE_URL: "",
    NODE_ENV: "development" as const,
  };
  const { status, stderr } = spawnSync(process.execPath, ["cli/energy.mjs", ...words], { env, encoding: "utf8" });
  expect(status, stderr).toBe(0);
}

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes.map((n) => n.target.join(" ")).join("; ")}`);
}

test("who runs the platform sees numbers, and looks into an organization while its owner allows it", async ({
  page,
  context,
  browser,
  signUp,
  baseURL,
}) => {
  const { email, password } = await signUp();
  const theirs = await browser.newContext({ baseURL: baseURL!, storageState: await context.storageState() });
  const admin = await theirs.newPage();
  expect((await admin.goto("/admin"))!.status()).toBe(404);
  energy("admin", "grant", email);
  await admin.goto("/admin");
  await admin.waitForURL("/account/two-factor");
  await expect(admin.getByText("Whoever runs this platform has it")).toBeVisible();
  await admin.getByLabel("Your password").fill(password);
  await admin.getByRole("button", { name: "Begin" }).click();
  const secret = (await admin.getByTestId("secret").textContent())!.replaceAll(" ", "");
  await admin.getByLabel("Code that the app shows").fill(new TOTP({ secret }).generate());
  await admin.getByRole("button", { name: "Switch it on" }).click();
  await expect(admin.getByLabel("the recovery codes", { exact: true })).toBeVisible();

  await context.clearCookies();
  const name = `Harbour ${Date.now()}`;
  const { siteUrl } = await signUp({ organization: name });
  await page.goto("/organization");
  await page.getByLabel("For how long").selectOption("1");
  await page.getByRole("button", { name: "Let support look in" }).click();
  await expect(page.getByTestId("support-banner")).toContainText("may look into this organization");

  for (const path of ["/admin", "/admin/plans", "/admin/queue", "/admin/organizations"]) {
    await admin.goto(path);
    expect.soft(await seriousFaults(admin)).toEqual([]);
  }
  await admin.getByLabel("Name or id").fill(name);
  await admin.getByRole("button", { name: "Search" }).click();
  await expect(admin.getByRole("row")).toHaveCount(2);
  expect((await admin.goto(siteUrl))!.status()).toBe(404);
  await admin.goBack();
  await admin.getByRole("button", { name: `Look into ${name}` }).click();
  await expect(admin.getByTestId("support-banner")).toContainText(`You look into ${name}`);

  await page.goto("/organization/usage");
  await expect(page.getByTestId("support-banner")).toContainText(email);
  expect.soft(await seriousFaults(page)).toEqual([]);
  await page.getByRole("link", { name: "See or end it" }).click();
  await page.getByRole("button", { name: "End it now" }).click();
  await expect(page.getByTestId("support-banner")).toHaveCount(0);
  expect((await admin.goto(siteUrl))!.status()).toBe(404);
  await theirs.close();
});
