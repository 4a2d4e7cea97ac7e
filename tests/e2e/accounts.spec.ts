import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { TOTP } from "otpauth";
import { expect, phone, test } from "./fixtures.ts";

const another = "another horse battery";

async function logIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** As another browser, which has no session. */
/** With no page open: one whose session is gone while it opens its live stream is told so, which is an error in the browser. */
async function forgetSession(page: Page): Promise<void> {
  await page.goto("about:blank");
  await page.context().clearCookies();
}

/** What axe finds that is serious, in words. */
async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${page.url()}: ${id}: ${nodes.map((node) => node.target.join(" ")).join("; ")}`);
}

test("two-factor login: switched on by the app's key, logged in with a code, then with a recovery code", async ({
  page,
  signUp,
}) => {
  const { email, password } = await signUp();
  await page.getByRole("link", { name: email }).click();
  await page.getByRole("link", { name: "Switch it on" }).click();
  await page.waitForURL("/account/two-factor");
  await page.getByLabel("Your password").fill(password);
  await page.getByRole("button", { name: "Begin" }).click();
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  const secret = (await page.getByTestId("secret").textContent())!.replaceAll(" ", "");
  const totp = new TOTP({ secret });
  const startedMs = Date.now();
  await page.getByLabel("Code that the app shows").fill(totp.generate({ timestamp: startedMs }));
  await page.getByRole("button", { name: "Switch it on" }).click();
  const codes = (await page.getByLabel("the recovery codes", { exact: true }).textContent())!.trim().split("\n");
  expect(codes).toHaveLength(10);
  expect(await faults(page)).toEqual([]);
  await page.reload();
  await expect(page.getByText("10 of 10 are left")).toBeVisible();
  await expect(page.getByLabel("the recovery codes", { exact: true })).toHaveCount(0);

  await forgetSession(page);
  await logIn(page, email, password);
  await page.waitForURL(/login\/code/);
  // The code after the one that was used: it counts already, and the test need not wait for it.
  await page.getByLabel("Code").fill(totp.generate({ timestamp: startedMs + 30_000 }));
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(/\/sites\//);

  await forgetSession(page);
  await logIn(page, email, password);
  await page.getByLabel("Code").fill(codes[0]!);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(/\/sites\//);

  await page.goto("/account/two-factor");
  const off = page.locator("section", { hasText: "takes the password alone" });
  await off.getByLabel("Your password").fill(password);
  await off.getByLabel("Code of your app").fill(codes[1]!);
  await off.getByRole("button", { name: "Switch it off" }).click();
  await expect(page.getByRole("button", { name: "Begin" })).toBeVisible();
});

test("a forgotten password, by the mail in the outbox", async ({ page, signUp }) => {
  const { email } = await signUp();
  await forgetSession(page);
  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  // Both pages have a field of this name.
  await page.waitForURL(/forgot-password/);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByRole("link", { name: "the outbox" }).click();
  // The worker writes it a moment later.
  const mail = page.getByTestId("mail").filter({ hasText: email }).filter({ hasText: "Choose a new password" });
  await expect(async () => {
    await page.goto(`/outbox?to=${encodeURIComponent(email)}`);
    await expect(mail).toBeVisible({ timeout: 500 });
  }).toPass();
  expect(await faults(page)).toEqual([]);
  await mail.getByRole("link", { name: "Choose a new password" }).click();
  await page.getByLabel("New password").fill(another);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByRole("link", { name: "Log in" }).click();
  await logIn(page, email, another);
  await page.waitForURL(/\/sites\//);
});

test("a login on another device is seen, and ended from here", async ({ page, signUp, browser }) => {
  const { email, password } = await signUp();
  const pocket = await browser.newContext({ ...phone, extraHTTPHeaders: { "x-forwarded-for": "10.9.8.7" } });
  const onPhone = await pocket.newPage();
  await logIn(onPhone, email, password);
  await onPhone.waitForURL(/\/sites\//);
  await onPhone.getByRole("link", { name: "Your account" }).click();
  await expect(onPhone.getByRole("heading", { name: "Where you are logged in" })).toBeVisible();
  expect(await onPhone.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);

  await page.goto("/account");
  const other = page.getByTestId("sessions").locator("li", { hasText: "Safari on iPhone" });
  await expect(other).toContainText("from 10.9.8.7");
  await other.getByRole("button", { name: "Log out" }).click();
  await expect(other).toHaveCount(0);
  await page.getByRole("link", { name: "What happened to your account" }).click();
  const log = page.getByTestId("account-log").locator("li");
  await expect(log.first()).toContainText("Another device was logged out: Safari on iPhone");
  await expect(log.nth(1)).toContainText("from 10.9.8.7");
  await onPhone.reload();
  await onPhone.waitForURL(/\/login/);
  await pocket.close();
});

test.describe("the account", () => {
  test.use({ expectedErrors: [/409.*\/account/] });

  test("its address is confirmed by the mailed link, and a last owner cannot delete it", async ({ page, signUp }) => {
    const { email, password } = await signUp();
    await page.goto(`/outbox?to=${encodeURIComponent(email)}`);
    await page.getByRole("link", { name: "Confirm this address" }).click();
    await page.getByRole("button", { name: "Yes, confirm it" }).click();
    await expect(page.getByRole("heading", { name: "Your address is confirmed" })).toBeVisible();

    await page.goto("/account");
    await expect(page.getByText("Confirmed", { exact: true })).toBeVisible();
    expect(await faults(page)).toEqual([]);
    await page.getByRole("button", { name: "Delete my account" }).click();
    const question = page.getByRole("dialog");
    await question.getByLabel("Your password").fill(password);
    await question.getByRole("button", { name: "Delete it for good" }).click();
    await expect(question.getByRole("alert")).toContainText("last owner");
  });
});
