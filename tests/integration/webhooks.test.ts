import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { action as listAction } from "../../app/routes/organization.webhooks._index.tsx";
import { action as pageAction, loader as pageLoader } from "../../app/routes/organization.webhooks.$webhookId.tsx";
import { asSystem } from "../../db/as-system.ts";
import { forgetOldDeliveries, noteTry, type Tried } from "../../db/webhook-delivery.ts";
import {
  getWebhook,
  mostTests,
  mostWebhooks,
  sendAgain,
  testWebhook,
  updateWebhook,
  type Delivery,
  type NewWebhook,
} from "../../db/webhooks.ts";
import { failingForMs } from "../../domain/webhook/retry.ts";
import { takeJobs } from "../support/jobs.ts";
import { member } from "../support/organization-members.ts";
import { open, send, someone, type Page, type Person } from "../support/pages.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";
import { deliveriesOf, deliverOne, Receiver, webhookSecret as secret, type Received } from "../support/webhooks.ts";

let db: OpenDatabase;
let receiver: Receiver;
let anna: Person;

beforeAll(async () => {
  db = await openTestDatabase();
  receiver = await Receiver.open();
});
afterAll(async () => {
  receiver.close();
  await db.close();
});
beforeEach(async () => {
  receiver.reset();
  await db.owner.query("delete from energy.webhooks");
  await takeJobs(db.owner);
  anna = await someone();
});

const make = (given: Partial<NewWebhook> = {}) => receiver.webhook(anna.organizationId, given);
/** Sends what waits, once. Answers the types that arrived. */
const deliver = async () => (await receiver.deliver(db.owner)).map(({ type }) => type);
const deliveries = (id: string) => deliveriesOf(anna.organizationId, id);

const only = async (id: string): Promise<Delivery> => {
  const all = await deliveries(id);
  expect(all).toHaveLength(1);
  return all[0]!;
};

describe("a message", () => {
  test("is signed, delivered and listed with what the receiver said", async () => {
    const id = await make();
    const sent = await testWebhook(anna.organizationId, id);
    expect(sent).toMatchObject({ type: "webhook.test", outcome: null, tries: 0 });
    expect(await deliver()).toEqual(["webhook.test"]);
    const [{ path, headers, body }] = receiver.received as [Received];
    expect(path).toBe("/energy");
    expect(headers).toMatchObject({ "content-type": "application/json", "webhook-id": `msg_${(sent as Delivery).id}` });
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: "webhook.test",
      data: { webhookId: id, name: "Home" },
    });
    expect(await only(id)).toMatchObject({
      ...{ outcome: "delivered", tries: 1, status: 200, fault: null, answer: "thanks", nextTryAt: null },
      durationMs: expect.any(Number) as number,
    });
    expect(await getWebhook(anna.organizationId, id)).toMatchObject({
      failingSince: null,
      waiting: 0,
      deliveredAt: expect.any(Date) as Date,
    });
  });

  test("that arrived is not sent again by a job that runs twice; by a person it is, with its id", async () => {
    const id = await make();
    const sent = (await testWebhook(anna.organizationId, id)) as Delivery;
    await deliver();
    await deliverOne({ organizationId: anna.organizationId, deliveryId: sent.id });
    expect(receiver.received).toHaveLength(1);
    const first = receiver.received[0]!.headers["webhook-id"];
    await sendAgain(anna.organizationId, { webhookId: id, deliveryId: sent.id });
    await deliver();
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([first]);
  });

  test("of a webhook whose address is allowed no more is not sent", async () => {
    const id = await make({ url: "http://127.0.0.1:9/" });
    await testWebhook(anna.organizationId, id);
    await deliver();
    expect(await only(id)).toMatchObject({ outcome: "failed", fault: "address-refused", status: null });
  });

  test("waits for the one before it of its organization, in the same queue of the worker", async () => {
    const id = await make();
    for (let i = 0; i < 2; i++) await testWebhook(anna.organizationId, id);
    await waiting(id);
    const { rows } = await db.owner.query<{ jobs: number; queue: string }>(
      `select count(*) as jobs, q.queue_name as queue from graphile_worker._private_jobs j
       join graphile_worker._private_job_queues q on q.id = j.job_queue_id group by 2`,
    );
    expect(rows).toEqual([{ jobs: 3, queue: expect.stringMatching(/^webhooks \d+$/) as string }]);
  });

  test("leaves the worker a place for other work: of four at once the last comes back later", async () => {
    const id = await make();
    for (let i = 0; i < 4; i++) await testWebhook(anna.organizationId, id);
    await Promise.all((await takeJobs(db.owner)).map(({ payload }) => deliverOne(payload)));
    expect(receiver.received).toHaveLength(3);
    expect(await deliver()).toEqual(["webhook.test"]);
  });
});

/** A message of an event; it waits. */
async function waiting(id: string): Promise<string> {
  await db.owner.query("select energy.tell_webhooks($1, 'export.failed', $2, now())", [
    anna.organizationId,
    JSON.stringify({ exportId: id, error: "x" }),
  ]);
  return (await deliveries(id))[0]!.id;
}

describe("a message that is refused", () => {
  test("is tried again when its time has come, and the webhook says that it fails", async () => {
    const id = await make();
    receiver.answer = { status: 503, text: "later", headers: { "retry-after": "600" } };
    await waiting(id);
    await deliver();
    const { nextTryAt, triedAt, ...failed } = await only(id);
    expect(failed).toMatchObject({ outcome: null, tries: 1, status: 503, answer: "later" });
    expect(nextTryAt!.getTime() - triedAt!.getTime()).toBe(600_000);
    const { rows } = await db.owner.query<{ run_at: Date }>("select run_at from graphile_worker._private_jobs");
    expect(rows.map(({ run_at }) => run_at.getTime())).toEqual([nextTryAt!.getTime()]);
    expect(await getWebhook(anna.organizationId, id)).toMatchObject({
      failingSince: expect.any(Date) as Date,
      waiting: 1,
    });
    receiver.answer = { status: 204, text: "" };
    await deliver();
    expect(await only(id)).toMatchObject({ outcome: "delivered", tries: 2 });
    expect(await getWebhook(anna.organizationId, id)).toMatchObject({ failingSince: null, offReason: null });
  });

  test.each([301, 400, 404, 500])("by %i is a failure", async (status) => {
    const id = await make();
    receiver.answer = { status, text: "no", headers: { location: receiver.url } };
    await waiting(id);
    await deliver();
    expect(receiver.received).toHaveLength(1);
    expect(await only(id)).toMatchObject({ outcome: null, status });
  });

  test("is given up after the tenth try", async () => {
    const id = await make();
    const deliveryId = await waiting(id);
    const tried: Tried = { isDelivered: false, status: 500, fault: null, answer: "", askedS: null, durationMs: 1 };
    let nowMs = Date.now();
    for (let i = 1; i <= 10; i++) {
      // As if another message came through between the tries.
      await db.owner.query("update energy.webhooks set failing_since = null");
      await noteTry({ organizationId: anna.organizationId, deliveryId }, tried, {
        nowMs,
        chance: 0,
        page: "https://energy.test/w",
      });
      const { outcome, nextTryAt } = await only(id);
      expect([i, outcome]).toEqual([i, i < 10 ? null : "failed"]);
      if (nextTryAt) nowMs = nextTryAt.getTime();
    }
  });
});

describe("a webhook is switched off", () => {
  const mails = async () =>
    (
      await db.owner.query<{ recipient: string }>(
        "select recipient from auth.mails where template = 'webhook-off' and organization_id = $1 order by 1",
        [anna.organizationId],
      )
    ).rows;

  test("when its receiver is gone (410): the admins get a mail, and what waits is not sent", async () => {
    const id = await make();
    const admin = await member(db.owner, anna, { role: "admin" });
    await member(db.owner, anna, { role: "operator" });
    await deliver();
    await waiting(id);
    receiver.answer = { status: 410, text: "gone" };
    await deliver();
    expect(await getWebhook(anna.organizationId, id)).toMatchObject({ offReason: "gone" });
    expect(await mails()).toHaveLength(2);
    expect(JSON.stringify(await mails())).not.toContain("operator");
    // Off: nothing more is kept for it, and nothing sent again.
    await db.owner.query("select energy.tell_webhooks($1, 'export.failed', '{}', now())", [anna.organizationId]);
    expect(await deliver()).toEqual([]);
    const [{ id: deliveryId }] = (await deliveries(id)) as [Delivery];
    expect(await sendAgain(anna.organizationId, { webhookId: id, deliveryId })).toBe("off");
    expect(admin.userId).not.toBe(anna.userId);
  });

  test("when for three days nothing came through, and a test still can be sent", async () => {
    const id = await make();
    const [first, second] = [await waiting(id), await waiting(id)];
    await db.owner.query("update energy.webhooks set failing_since = now() - $1 * interval '1 ms'", [
      failingForMs + 1_000,
    ]);
    receiver.answer = { status: 500, text: "" };
    await deliverOne({ organizationId: anna.organizationId, deliveryId: first });
    expect(await getWebhook(anna.organizationId, id)).toMatchObject({ offReason: "failing" });
    expect(await mails()).toHaveLength(1);
    await deliverOne({ organizationId: anna.organizationId, deliveryId: second });
    expect((await deliveries(id)).map(({ outcome, fault }) => [outcome, fault]).sort()).toEqual([
      ["dropped", "switched-off"],
      ["failed", null],
    ]);
    receiver.answer = { status: 200, text: "back" };
    await takeJobs(db.owner);
    await testWebhook(anna.organizationId, id);
    expect(await deliver()).toEqual(["webhook.test"]);
    expect(await updateWebhook(anna.organizationId, id, { isOn: true })).toMatchObject({
      offReason: null,
      failingSince: null,
    });
  });

  test("by hand, without a mail", async () => {
    const id = await make();
    await waiting(id);
    await updateWebhook(anna.organizationId, id, { isOn: false });
    expect(await deliver()).toEqual([]);
    expect(await only(id)).toMatchObject({ outcome: "dropped" });
    expect(await mails()).toEqual([]);
  });
});

describe("limits", () => {
  test("of webhooks, also when they are made at once", async () => {
    const made = await Promise.allSettled(Array.from({ length: mostWebhooks + 3 }, () => make()));
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(mostWebhooks);
  });

  test("of tests in a minute", async () => {
    const id = await make();
    for (let i = 0; i < mostTests; i++)
      expect(await testWebhook(anna.organizationId, id)).toMatchObject({ outcome: null });
    expect(await testWebhook(anna.organizationId, id)).toBe("too-many");
  });

  test("of messages that wait: what comes then is counted, not kept", async () => {
    const id = await make();
    await db.owner.query(
      `insert into energy.webhook_deliveries (organization_id, webhook_id, type, occurred_at, data)
       select $1, $2, 'export.failed', now(), '{}' from generate_series(1, 1000)`,
      [anna.organizationId, id],
    );
    await member(db.owner, anna, { role: "viewer" });
    expect(await getWebhook(anna.organizationId, id)).toMatchObject({ waiting: 1_000, unsent: 1 });
  });

  test("of days that messages are kept", async () => {
    const id = await make();
    await waiting(id);
    await waiting(id);
    await db.owner.query("update energy.webhook_deliveries set created_at = now() - interval '31 days' where id = $1", [
      (await deliveries(id))[0]!.id,
    ]);
    await asSystem(forgetOldDeliveries);
    expect(await deliveries(id)).toHaveLength(1);
  });
});

describe("the pages", () => {
  const post = (page: unknown, form: Record<string, string>, params: Record<string, string> = {}) =>
    send(page as Page, anna, params, form);

  test("make a webhook, whose secret is shown once and is kept sealed", async () => {
    const made = await post(listAction, { name: "Home", url: "https://home.example/x", events: "device.silent" });
    const shown = (made.body as { made: { secret: string } }).made.secret;
    expect([made.status, made.headers.get("cache-control"), shown]).toEqual([
      200,
      "no-store",
      expect.stringMatching(/^whsec_.{44}$/),
    ]);
    const { rows } = await db.owner.query<{ text: string }>("select json_agg(w)::text as text from energy.webhooks w");
    expect(rows[0]!.text).not.toContain(shown.slice(6, 30));
    const { rows: entries } = await db.owner.query<{ text: string }>(
      "select after::text as text from audit.events where action = 'webhook.created' and organization_id = $1",
      [anna.organizationId],
    );
    expect(entries.map(({ text }) => text)).toEqual([expect.stringContaining('"secrets_sealed": "not shown"')]);
  });

  test.each([
    "https://127.0.0.1/",
    "https://0x7f.1/",
    "http://home.example/",
    "https://anna:x@home.example/",
    "https://localhost/",
    "https://home.example:25/",
    "nonsense",
  ])("refuse %s, saying why", async (address) => {
    const { status, body } = await post(listAction, { name: "Home", url: address, events: "device.silent" });
    expect([status, body["errors"]]).toEqual([400, { url: expect.stringMatching(/^Expected .+\.$/) as string }]);
  });

  test("a rotated secret signs beside the old one", async () => {
    const id = await make();
    const { body } = await post(pageAction, { intent: "rotate" }, { webhookId: id });
    await post(pageAction, { intent: "test" }, { webhookId: id });
    await deliver();
    const [message] = receiver.received as [Received];
    for (const one of [secret, body["secret"] as string]) new Webhook(one).verify(message.body, message.headers);
    expect(message.headers["webhook-signature"]!.split(" ")).toHaveLength(2);
    const page = await open(pageLoader as Page, anna.cookie, { webhookId: id });
    expect(page.body).toMatchObject({
      webhook: { id },
      deliveries: [{ outcome: "delivered", answer: "thanks", status: 200 }],
    });
    expect(JSON.stringify(page.body)).not.toContain("whsec_");
  });

  test("delete it, with what was sent", async () => {
    const id = await make();
    await testWebhook(anna.organizationId, id);
    expect((await post(pageAction, { intent: "delete" }, { webhookId: id })).status).toBe(302);
    expect(await getWebhook(anna.organizationId, id)).toBeNull();
    expect(await deliver()).toEqual([]);
  });
});
