import AxeBuilder from "@axe-core/playwright";
import { connectAsync } from "mqtt";
import { expect, test } from "./fixtures.ts";

/** No serious fault for people who cannot see, or not well, in either theme. */
for (const theme of ["light", "dark"]) {
  test(`the pages hold up to axe, ${theme}`, async ({ page, signUp, mqttUrl, context, baseURL }) => {
    const { siteUrl } = await signUp();
    const site = new URL(siteUrl, baseURL).pathname;
    await page.getByRole("link", { name: "Add a device" }).first().click();
    await page.locator('[name="name"]').fill("Plug");
    await page.getByRole("button", { name: "Add it" }).click();
    const username = (await page.getByTestId("credential-user-name").textContent())!.trim();
    const password = (await page.getByTestId("credential-password").textContent())!.trim();
    const plug = await connectAsync(mqttUrl, { username, password, protocolVersion: 4 });
    await plug.publishAsync("energy/plug", JSON.stringify({ power: 420, "energy.import": 12.5 }), { qos: 1 });
    await expect(page.getByTestId("message")).toBeVisible();
    const device = new URL((await page.getByRole("link", { name: "Open the device" }).getAttribute("href"))!, baseURL)
      .pathname;

    await context.addCookies([{ name: "theme", value: theme, url: baseURL! }]);
    for (const path of [
      site,
      `${site}/devices`,
      `${site}/devices/new`,
      `${site}/settings`,
      device,
      `${device}/settings`,
      `${device}/setup`,
      `${device}/setup?with=victron`,
      "/organization/audit",
      "/organization/data",
    ]) {
      await page.goto(path);
      await page.waitForTimeout(700);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      const words = serious.map(
        ({ id, nodes }) => `${theme} ${path}: ${id}: ${nodes.map((n) => n.target.join(" ")).join("; ")}`,
      );
      expect.soft(words).toEqual([]);
    }
    await plug.endAsync();
  });
}
