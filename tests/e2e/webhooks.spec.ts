import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { expect, test } from "./fixtures.ts";

// What is refused on purpose below.
test.use({ expectedErrors: [/status of 400/] });

test("a webhook is made, tested at a real receiver, seen, sent again, and its secret changed", async ({
  page,
  signUp,
}) => {
  const messages: { headers: Record<string, string>; body: string }[] = [];
  const receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      messages.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(200).end("Heard <b>you</b>");
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  try {
    await signUp({ site: "Cabin" });
    await page.goto("/organization/webhooks", { waitUntil: "networkidle" });
    await page.getByLabel("Name").fill("Home Assistant");
    await page.getByLabel("Address").fill("https://169.254.169.254/latest/meta-data");
    await page.getByRole("button", { name: "Make the webhook" }).click();
    await expect(page.getByText("Expected a host's full name in the public Internet", { exact: false })).toBeVisible();
    await expect(page.getByText("Choose what it is told.")).toBeVisible();
    await page.screenshot({ path: "test-results/webhook-refused.png", fullPage: true });

    await page.getByLabel("Address").fill(`http://127.0.0.1:${port}/energy`);
    await page.getByRole("checkbox", { name: /device.silent/ }).check();
    await page.getByRole("button", { name: "Make the webhook" }).click();
    const secret = (await page.getByTestId("webhook-secret").textContent())!;
    expect(secret).toMatch(/^whsec_.{44}$/);
    await expect(page.getByTestId("webhook")).toContainText("Nothing was sent yet");
    await page.screenshot({ path: "test-results/webhook-made.png", fullPage: true });

    await page.getByRole("link", { name: "Home Assistant" }).click();
    await expect(page.getByText("None was sent.")).toBeVisible();
    await expect(page.getByText(secret)).toHaveCount(0);
    await page.getByRole("button", { name: "Send a test" }).click();
    const delivery = page.getByTestId("delivery");
    await expect(delivery).toContainText("Delivered");
    await expect(delivery).toContainText(/HTTP 200 in \d+ ms · tried once/);
    await delivery.getByText("Message and answer").click();
    await expect(delivery).toContainText("Heard <b>you</b>");
    expect(messages).toHaveLength(1);
    const [first] = messages as [(typeof messages)[number]];
    expect(new Webhook(secret).verify(first.body, first.headers)).toMatchObject({
      type: "webhook.test",
      data: { name: "Home Assistant" },
    });
    await page.screenshot({ path: "test-results/webhook-delivered.png", fullPage: true });

    await page.getByRole("button", { name: "Make a new secret" }).click();
    await page.getByRole("button", { name: "Make it" }).click();
    const next = (await page.getByTestId("webhook-secret").textContent())!;
    await page.getByRole("button", { name: "Send webhook.test again" }).click();
    await expect.poll(() => messages.length).toBe(2);
    const second = messages[1]!;
    expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    for (const one of [secret, next]) new Webhook(one).verify(second.body, second.headers);

    await page.getByRole("button", { name: "Switch it off" }).click();
    await expect(page.getByText("Switched off by hand", { exact: false })).toBeVisible();
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, "the page does not scroll sideways").toBeLessThanOrEqual(0);
    await page.screenshot({ path: "test-results/webhook-phone.png", fullPage: true });
    await page.getByRole("button", { name: "Delete the webhook" }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await expect(page.getByText("There is none yet.")).toBeVisible();
  } finally {
    receiver.close();
  }
});
