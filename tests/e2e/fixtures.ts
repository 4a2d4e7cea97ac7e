import { randomInt, randomUUID } from "node:crypto";
import { test as base, devices, expect, type Page } from "@playwright/test";

export type Account = { email: string; password: string; siteId: string; siteUrl: string };
export type NewAccount = {
  organization?: string;
  site?: string;
  timezone?: string;
  currency?: string;
  pricePerKwh?: string;
};

type Fixtures = {
  /** Messages the test expects the browser to complain about; anything else in the console fails the test. */
  expectedErrors: RegExp[];
  /** The broker that devices publish to. */
  mqttUrl: string;
  /** Makes an account with its first site through the sign-up page, and leaves the browser on that site's dashboard. */
  signUp: (account?: NewAccount) => Promise<Account>;
};

/** For tests of how it looks on a phone: `test.use(phone)`. */
export const phone = {
  viewport: devices["iPhone 13"].viewport,
  userAgent: devices["iPhone 13"].userAgent,
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

/** Every journey starts from this `test`: what goes wrong in the browser unseen is a failure as well. */
export const test = base.extend<Fixtures>({
  expectedErrors: [[], { option: true }],

  extraHTTPHeaders: async ({}, use) => {
    await use({ "x-forwarded-for": `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}` });
  },

  page: async ({ page, expectedErrors }, use) => {
    const complaints = complaintsOf(page);
    await page.addInitScript(tellViolations);
    // The pictures that tests make on their way are for people to look at: made when somebody asks for them.
    if (!process.env["E2E_SCREENSHOTS"]) page.screenshot = () => Promise.resolve(Buffer.alloc(0));
    await use(page);
    const unexpected = complaints.filter((text) => !expectedErrors.some((pattern) => pattern.test(text)));
    expect(unexpected, "errors in the browser").toEqual([]);
  },

  mqttUrl: async ({}, use) => {
    await use(`mqtt://127.0.0.1:${process.env["E2E_MQTT_PORT"]}`);
  },

  signUp: async ({ page }, use) => {
    await use(async (account = {}) => signUpAt(page, account));
  },
});

export { expect };

/** What the policy of the server stops (app/browser-safety) is an error of ours, also where the browser says nothing of it. */
function tellViolations(): void {
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) =>
    console.error(`the content security policy stopped ${effectiveDirective} ${blockedURI} ${sample}`),
  );
}

/** Remix says it of a load that a newer one has overtaken while its answer was being read: in the console, or of a promise. */
const isSuperseded = /^(AbortError: )?signal is aborted without reason/;

function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => {
    if (!isSuperseded.test(message)) complaints.push(`page error: ${message}`);
  });
  page.on("console", (message) => {
    if (message.type() !== "error" || isSuperseded.test(message.text())) return;
    complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  return complaints;
}

async function signUpAt(page: Page, account: NewAccount): Promise<Account> {
  const email = `person-${randomUUID()}@example.org`;
  const password = `long enough ${randomUUID()}`;
  // The page fills in the browser's zone and currency once it runs; what the test types must come after that.
  await page.goto("/signup", { waitUntil: "networkidle" });
  await page.locator('[name="email"]').fill(email);
  await page.locator('[name="password"]').fill(password);
  if (account.organization) await page.locator('[name="organization"]').fill(account.organization);
  await page.locator('[name="site"]').fill(account.site ?? "Home");
  await page.locator('[name="timezone"]').fill(account.timezone ?? "Europe/Berlin");
  if (account.currency) await page.locator('[name="currency"]').selectOption(account.currency);
  await page.locator('[name="price"]').fill(account.pricePerKwh ?? "0.30");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.waitForURL(/\/sites\/[0-9a-f-]{36}/);
  const siteId = /\/sites\/([0-9a-f-]{36})/.exec(page.url())![1]!;
  return { email, password, siteId, siteUrl: `/sites/${siteId}` };
}
