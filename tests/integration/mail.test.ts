import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asOrganization } from "../../db/as-organization.ts";
import { asSystem } from "../../db/as-system.ts";
import { asNobody, asUser } from "../../db/as-user.ts";
import { database } from "../../db/client.ts";
import { forgetOldMails } from "../../db/mail-delivery.ts";
import { mailHealth, retryMail } from "../../db/platform.ts";
import { enqueueMail, outbox } from "../../db/mail.ts";
import type { Mail } from "../../domain/mail/templates.ts";
import { log } from "../../platform/log.ts";
import sendMail from "../../workers/tasks/send-mail.ts";
import { loader as outboxPage } from "../../app/routes/outbox.tsx";
import { takeJobs } from "../support/jobs.ts";
import { open } from "../support/pages.ts";
import { makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

const context = { log, signal: new AbortController().signal };
const url = "https://energy.test/verify?token=secret-token";
const mailTo = (to: string): Mail => ({ to, template: "verify-email", data: { url, hours: 24 } });

/** What Resend would be asked, and what it answers. */
interface Asked {
  headers: IncomingHttpHeaders;
  body: { from: string; to: string; subject: string; text: string; html: string };
}
let asked: Asked[];
let answer: { status: number; body: object };
let provider: Server;
let db: OpenDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
  provider = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      asked.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) as Asked["body"] });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  process.env["RESEND_API_KEY"] = "";
  provider.close();
  await db.close();
});

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: { id: "provider-1" } };
  process.env["RESEND_API_KEY"] = "re_test";
  process.env["RESEND_BASE_URL"] = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  process.env["MAIL_FROM"] = "Energy <energy@example.org>";
  await takeJobs(db.owner);
  await db.owner.query("delete from auth.mails");
});

/** Does what waits in the queue, as a worker would. */
async function work(): Promise<void> {
  for (const { payload } of await takeJobs(db.owner)) await sendMail(payload as { mailId: string }, context);
}

async function mails(): Promise<Record<string, unknown>[]> {
  const { rows } = await db.owner.query<Record<string, unknown>>(
    "select recipient, outcome, attempts, last_error, provider_id, data_sealed is not null as kept from auth.mails order by recipient",
  );
  return rows;
}

describe("a mail through the provider", () => {
  test("is sent once as text and HTML, from every context, and what it says is not kept", async () => {
    const { userId, organizationId } = await makeTenant("anna");
    await asUser(userId, (sql) => enqueueMail(sql, mailTo("one@example.org")));
    await asOrganization(organizationId, (sql) => enqueueMail(sql, mailTo("two@example.org")));
    await enqueueMail(asNobody(), mailTo("Three@Example.org"));
    await asSystem((sql) => enqueueMail(sql, mailTo("zoe@example.org")));
    const jobs = await takeJobs(db.owner);
    expect(jobs.map(({ payload }) => Object.keys(payload as object).sort())).toEqual([
      ["mailId"],
      ["mailId", "organizationId"],
      ["mailId"],
      ["mailId"],
    ]);
    for (const { payload } of jobs) {
      await sendMail(payload as { mailId: string }, context);
      // A job may run twice.
      await sendMail(payload as { mailId: string }, context);
    }
    expect(asked.map(({ body }) => body.to)).toEqual(["one@example.org", "two@example.org", "three@example.org", "zoe@example.org"]); // prettier-ignore
    const [{ headers, body }] = asked as [Asked];
    expect(headers).toMatchObject({
      authorization: "Bearer re_test",
      "idempotency-key": (jobs[0]!.payload as { mailId: string }).mailId,
    });
    expect(body).toMatchObject({ from: "Energy <energy@example.org>", subject: "Confirm your e-mail address" });
    expect(body.text).toContain(url);
    expect(body.html).toContain(url);
    expect((await mails())[0]).toEqual({
      ...{ recipient: "one@example.org", outcome: "sent", attempts: 1, last_error: null },
      ...{ provider_id: "provider-1", kept: false },
    });
  });

  test("is not there when the transaction that wrote it fails", async () => {
    const { userId } = await makeTenant("berta");
    const failing = asUser(userId, async (sql) => {
      await enqueueMail(sql, mailTo("anna@example.org"));
      throw new Error("changed its mind");
    });
    await expect(failing).rejects.toThrow("changed its mind");
    expect(await mails()).toEqual([]);
    expect(await takeJobs(db.owner)).toEqual([]);
  });

  test("lies sealed in the database while it waits", async () => {
    await enqueueMail(asNobody(), mailTo("anna@example.org"));
    const { rows } = await db.owner.query<{ text: string }>("select m::text as text from auth.mails m");
    expect(rows[0]!.text).not.toContain("secret-token");
    const jobs = await db.owner.query<{ text: string }>("select j.payload::text as text from graphile_worker._private_jobs j"); // prettier-ignore
    expect(jobs.rows[0]!.text).not.toContain("secret-token");
  });

  test.each([
    [429, { name: "rate_limit_exceeded", message: "slow down", statusCode: 429 }],
    [500, { name: "internal_server_error", message: "sorry", statusCode: 500 }],
    [401, { name: "invalid_api_key", message: "unknown key", statusCode: 401 }],
  ])("that fails with %i is noted and tried again", async (status, body) => {
    answer = { status, body };
    await enqueueMail(asNobody(), mailTo("anna@example.org"));
    const [job] = await takeJobs(db.owner);
    await expect(sendMail(job!.payload as { mailId: string }, context)).rejects.toThrow(body.message);
    expect((await mails())[0]).toMatchObject({ outcome: null, attempts: 1, kept: true });
    expect((await mails())[0]!["last_error"]).toContain(body.name);
    answer = { status: 200, body: { id: "provider-2" } };
    await sendMail(job!.payload as { mailId: string }, context);
    expect((await mails())[0]).toMatchObject({ outcome: "sent", attempts: 2, last_error: null, kept: false });
  });

  test("that can never arrive is not tried again", async () => {
    answer = { status: 422, body: { name: "validation_error", message: "Invalid `to` field", statusCode: 422 } };
    await enqueueMail(asNobody(), mailTo("anna@example.org"));
    await work();
    expect((await mails())[0]).toMatchObject({ outcome: "refused", kept: true });
    expect((await mails())[0]!["last_error"]).toContain("Invalid `to` field");
    expect(await takeJobs(db.owner)).toEqual([]);
  });

  test("that was refused is seen by who runs the platform, and sent again as another mail to the provider", async () => {
    const { userId } = await makeTenant("runner");
    await db.owner.query("insert into auth.platform_admins (user_id) values ($1)", [userId]);
    answer = { status: 422, body: { name: "validation_error", message: "domain not verified", statusCode: 422 } };
    await enqueueMail(asNobody(), mailTo("anna@example.org"));
    await work();
    const { refused, troubled } = await mailHealth(userId);
    expect([refused, troubled]).toMatchObject([1, [{ outcome: "refused", isKept: true, recipient: "a…@example.org" }]]);
    answer = { status: 200, body: { id: "provider-3" } };
    expect(await retryMail(userId, troubled[0]!.id)).toBe(true);
    await work();
    expect((await mails())[0]).toMatchObject({
      outcome: "sent",
      kept: false,
      last_error: null,
      provider_id: "provider-3",
    });
    const keys = asked.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toEqual([troubled[0]!.id, `${troubled[0]!.id}-1`]);
    expect(await retryMail(userId, troubled[0]!.id)).toBe(false);
    expect((await mailHealth(userId)).refused).toBe(0);
  });
});

describe("without a provider", () => {
  beforeEach(() => {
    process.env["RESEND_API_KEY"] = "";
  });

  test("a mail stays in the outbox, where the developer reads it", async () => {
    await enqueueMail(asNobody(), mailTo("anna@example.org"));
    await enqueueMail(asNobody(), mailTo("bert@example.org"));
    await work();
    expect(asked).toEqual([]);
    expect((await outbox("Anna@example.org")).map(({ letter }) => letter.subject)).toEqual(["Confirm your e-mail address"]); // prettier-ignore
    const page = await open(outboxPage, "", {}, "?to=bert@example.org");
    expect(JSON.stringify(page.body["mails"])).toContain(url);
    expect(JSON.stringify(page.body["mails"])).not.toContain("anna@example.org");
  });

  test("no context of the web reads mails but through the outbox", async () => {
    for (const pool of [database().user, database().organization]) {
      await expect(pool.query("select * from auth.mails")).rejects.toThrow(/permission denied/);
    }
    await expect(database().organization.query("select * from auth.outbox(null, 1)")).rejects.toThrow(/permission denied/); // prettier-ignore
  });
});

test("mails of more than a month ago are forgotten, those of a deleted organization at once", async () => {
  const { organizationId } = await makeTenant("carla");
  await asOrganization(organizationId, (sql) => enqueueMail(sql, mailTo("guest@example.org")));
  await enqueueMail(asNobody(), mailTo("old@example.org"));
  await enqueueMail(asNobody(), mailTo("new@example.org"));
  await db.owner.query("update auth.mails set created_at = now() - interval '31 days' where recipient like 'old%'");
  await asSystem(forgetOldMails);
  await db.owner.query("delete from energy.organizations where id = $1", [organizationId]);
  expect((await mails()).map(({ recipient }) => recipient)).toEqual(["new@example.org"]);
});

test("an address that cannot be one, and data that are not the template's, are refused", async () => {
  await expect(enqueueMail(asNobody(), mailTo("nobody"))).rejects.toThrow(/not an e-mail address/);
  const wrong = { to: "a@example.org", template: "verify-email", data: { url: "x", hours: 1 } } as Mail;
  await expect(enqueueMail(asNobody(), wrong)).rejects.toThrow();
  expect(await mails()).toEqual([]);
});
