import type { Browser, Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

/** A browser of somebody else: nothing of the first one's session is in it. */
async function anotherBrowser(browser: Browser, baseURL: string): Promise<Page> {
  const context = await browser.newContext({
    ...{ baseURL, locale: "en-GB", timezoneId: "Europe/Berlin" },
    extraHTTPHeaders: { "x-forwarded-for": `10.77.${Date.now() % 250}.7` },
  });
  return context.newPage();
}

/** The link in the newest mail to somebody, from the outbox of the installation. */
async function linkTo(email: string, page: Page): Promise<string> {
  await expect(async () => {
    await page.goto(`/outbox?to=${encodeURIComponent(email)}`);
    await expect(page.getByTestId("mail").first()).toBeVisible({ timeout: 500 });
  }).toPass();
  return (await page.getByTestId("mail").first().getByRole("link").getAttribute("href"))!;
}

test("somebody is invited for one place, makes an account from the mail, and sees that place alone", async ({
  page,
  signUp,
  browser,
  baseURL,
}) => {
  await signUp({ organization: "Mill Lane 4", site: "Flat above" });
  await page.getByLabel("Flat above: choose a place").first().click();
  await page.getByRole("link", { name: "Members and access" }).first().click();
  await page.getByRole("link", { name: "Members", exact: true }).click();
  const email = `tenant-${Date.now()}@example.org`;
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Only these, and nothing of the organization as a whole").check();
  await page.getByLabel("Flat above").check();
  await page.getByRole("button", { name: "Send the invitation" }).click();
  await expect(page.getByTestId("invitations")).toContainText(email);

  const guest = await anotherBrowser(browser, baseURL!);
  await guest.goto(new URL(await linkTo(email, guest)).pathname, { waitUntil: "networkidle" });
  await expect(guest.getByRole("heading", { name: "Mill Lane 4" })).toBeVisible();
  await guest.getByLabel("Your name").fill("Tina");
  await guest.getByLabel("Password").fill("a long enough password");
  await guest.getByRole("button", { name: "Make the account" }).click();
  await expect(guest.getByRole("heading", { name: "Flat above" })).toBeVisible();
  await guest.goto("/organization/roles");
  await expect(guest.getByRole("row", { name: /Add, name and configure devices/ })).toBeVisible();
  await expect(guest.getByRole("link", { name: "Members", exact: true })).toHaveCount(0);
  await guest.context().close();
});

test("somebody with an account joins, switches between organizations, and is handed this one", async ({
  page,
  signUp,
  browser,
  baseURL,
}) => {
  const { siteUrl } = await signUp({ organization: "Mill Lane 4", site: "House" });
  const guest = await anotherBrowser(browser, baseURL!);
  const email = `heir-${Date.now()}@example.org`;
  await guest.request.post("/signup", {
    form: {
      ...{ email, password: "a long enough password", organization: "Own home" },
      ...{ site: "Cabin", timezone: "Europe/Berlin", currency: "EUR", price: "0.30" },
    },
  });
  await page.goto("/organization/members", { waitUntil: "networkidle" });
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Role").selectOption("admin");
  await page.getByRole("button", { name: "Send the invitation" }).click();
  await expect(page.getByTestId("invitations")).toContainText(email);

  await guest.goto(new URL(await linkTo(email, guest)).pathname, { waitUntil: "networkidle" });
  await guest.getByRole("button", { name: "Take the invitation" }).click();
  await expect(guest.getByRole("heading", { name: "House" })).toBeVisible();
  await guest.getByLabel("House: choose a place").first().click();
  await guest.getByRole("button", { name: "Switch to Own home" }).first().click();
  await expect(guest.getByRole("heading", { name: "Cabin" })).toBeVisible();
  await guest.close();

  await page.goto("/organization", { waitUntil: "networkidle" });
  await page.getByRole("button", { name: "Hand over …" }).click();
  await page.getByRole("button", { name: "Hand over", exact: true }).click();
  await expect(page.getByText("you are an admin now")).toBeVisible();
  await page.getByRole("button", { name: "Leave …" }).click();
  await page.getByRole("button", { name: "Leave", exact: true }).click();
  await expect(page.getByRole("heading", { name: "A new organization" })).toBeVisible();
  expect((await page.request.get(siteUrl)).status()).toBe(404);
});

test.describe("a link", () => {
  test.use({ expectedErrors: [/404/] });

  test("is shared, read without an account, and revoked", async ({ page, signUp, browser, baseURL }) => {
    await signUp({ site: "Roof" });
    await page.goto("/organization/links", { waitUntil: "networkidle" });
    await page.getByLabel("For", { exact: true }).fill("The neighbours");
    await page.getByRole("button", { name: "Make the link" }).click();
    const url = (await page.getByTestId("made-link").locator("pre").textContent())!.trim();

    const reader = await anotherBrowser(browser, baseURL!);
    const path = new URL(url).pathname;
    const answer = await reader.goto(path);
    expect(answer!.headers()).toMatchObject({ "referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow" });
    await expect(reader.getByRole("heading", { name: "Roof" })).toBeVisible();
    await expect(reader.getByRole("link")).toHaveCount(0);

    await page.getByRole("button", { name: "Revoke the link for The neighbours" }).click();
    await expect(page.getByTestId("links")).toContainText("revoked");
    const gone = await reader.goto(path);
    expect(gone!.status()).toBe(404);
    await expect(reader.getByRole("heading", { name: "Nothing here" })).toBeVisible();
    await reader.context().close();
  });
});
