import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { open, type Entry, type Options, type ZipFile } from "yauzl";
import { expect, phone, test } from "./fixtures.ts";

/** The texts of a ZIP by their names. */
async function unzip(file: string): Promise<Map<string, string>> {
  const zip = await promisify<string, Options, ZipFile>(open)(file, { lazyEntries: true, autoClose: false });
  const texts = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    zip.on("entry", (entry: Entry) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        text(stream).then((content) => {
          texts.set(entry.fileName, content);
          zip.readEntry();
        }, reject);
      });
    });
    zip.on("end", resolve);
    zip.on("error", reject);
    zip.readEntry();
  });
  zip.close();
  return texts;
}

test("everything is taken along as a file that opens, and the log tells of it", async ({
  page,
  signUp,
  context,
  baseURL,
}, info) => {
  const { siteUrl } = await signUp({ organization: "Mill & Sons" });
  await page.goto(`${siteUrl}/settings`);
  await page.locator('[name="site"]').fill("The mill");
  await page.getByRole("button", { name: "Save", exact: true }).first().click();
  await expect(page.getByText("Saved")).toBeVisible();

  await page.goto("/organization/retention");
  await page.getByLabel("Days").fill("100");
  await page.getByRole("button", { name: "Show what would be frozen" }).click();
  await expect(page.getByTestId("retention-preview")).toContainText("nothing frozen");
  await page.getByRole("button", { name: "Keep raw readings for 100 days" }).click();
  await expect(page.getByTestId("retention")).toContainText("Nothing is removed before");
  await page.getByRole("button", { name: "Keep them for ever" }).click();
  await expect(page.getByTestId("retention")).toContainText("Every reading is kept as it came");

  await page.goto("/organization/data");
  await page.getByRole("button", { name: "Make the file" }).click();
  await expect(page.getByTestId("export-progress").or(page.getByTestId("export-done"))).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click({ timeout: 30_000 }),
  ]);
  expect(download.suggestedFilename()).toMatch(/^mill-sons_\d{4}-\d\d-\d\d\.zip$/);
  const files = await unzip(await download.path());
  expect(JSON.parse(files.get("manifest.json")!)).toMatchObject({ organization: "Mill & Sons", format: 1 });
  expect(JSON.parse(files.get("tables/energy.sites.jsonl")!)).toMatchObject({ name: "The mill" });
  expect(files.get("channels.csv")).toMatch(/^channel,place,device,/);

  await page.getByRole("link", { name: "Audit log" }).click();
  const change = page.getByTestId("events").locator("li", { hasText: "Place changed" });
  await change.locator("summary").click();
  await expect(change).toContainText("Home");
  await expect(change).toContainText("The mill");
  await expect(page.getByTestId("events")).toContainText("Export downloaded");
  for (const theme of ["light", "dark"]) {
    await context.addCookies([{ name: "theme", value: theme, url: baseURL! }]);
    for (const name of ["audit", "data"]) {
      await page.goto(`/organization/${name}`);
      if (name === "audit") await page.locator("summary").nth(2).click();
      for (const [device, viewport] of Object.entries({ desk: { width: 1280, height: 900 }, phone: phone.viewport })) {
        await page.setViewportSize(viewport);
        await page.screenshot({ path: info.outputPath(`${name}-${device}-${theme}.png`), fullPage: true });
      }
    }
  }
});

test.describe("an organization", () => {
  // A wrong password is refused, and after the last step the organization is not there any more.
  test.use({ expectedErrors: [/40[04]/] });

  test("is deleted with its name and the password, and its owner is told", async ({ page, signUp }, info) => {
    await page.setViewportSize(phone.viewport);
    const { password, siteUrl } = await signUp({ organization: "Mill & Sons" });
    await page.goto("/organization/data");
    await page.getByLabel("Its name: Mill & Sons").fill("Mill & Sons");
    await page.getByLabel("Your password").fill("not this one");
    await page.getByRole("button", { name: "Delete it in 7 days" }).click();
    await expect(page.getByText("This is not your password.")).toBeVisible();
    await page.getByLabel("Your password").fill(password);
    await page.getByRole("button", { name: "Delete it in 7 days" }).click();
    await expect(page.getByText("It will be deleted on")).toBeVisible();
    await page.screenshot({ path: info.outputPath("due-phone.png"), fullPage: true });
    await page.getByLabel("Its name: Mill & Sons").fill("Mill & Sons");
    await page.getByLabel("Your password").fill(password);
    await page.getByRole("button", { name: "Delete it at once" }).click();
    await expect(page.getByRole("heading", { name: "A new organization" })).toBeVisible({ timeout: 30_000 });
    await page.goto(siteUrl);
    await expect(page.getByRole("heading", { name: "Nothing here" })).toBeVisible();
  });
});
