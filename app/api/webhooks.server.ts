import { randomBytes } from "node:crypto";
import {
  createWebhook,
  deleteWebhook,
  deliveriesPage,
  getWebhook,
  listWebhooks,
  mostTests,
  mostWaitingMessages,
  mostWebhooks,
  rotateWebhookSecret,
  sendAgain,
  testWebhook,
  updateWebhook,
  type Delivery,
  type Webhook,
} from "../../db/webhooks.ts";
import { chosenTypes, eventTypes, type EventType } from "../../domain/webhook/events.ts";
import { makeWebhookSecret, secretBytes } from "../../domain/webhook/signature.ts";
import { readEnvironment } from "../../platform/env.ts";
import { readAddress } from "../webhooks/address-words.server.ts";
import { afterRow, cursorOfRow, cut } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { instantOut, listOf, listPaging, name } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

const webhookId = z.string().openapi({ format: "uuid" });
const params = z.object({ id: webhookId });

const url = z
  .string()
  .max(2_000)
  .transform((text, context) => {
    const read = readAddress(text, readEnvironment().WEBHOOK_ALLOWED_HOSTS);
    if ("url" in read) return read.url;
    context.addIssue({ code: "custom", message: read.fault });
    return z.NEVER;
  })
  .openapi({
    description: "https, a host's name in the public Internet, port 443 or 8443",
    example: "https://home.example/energy",
  });
const events = z
  .array(z.enum(chosenTypes as [EventType, ...EventType[]]))
  .min(1, "expected one type of event at least")
  .refine((given) => new Set(given).size === given.length, "expected each type once");

/** What a form or a program gives to make a webhook. */
export const newWebhook = z.strictObject({ name, url, events }).openapi("NewWebhook");

const fields = {
  ...{ id: webhookId, name: z.string(), url: z.string(), events: z.array(z.enum(eventTypes)) },
  isOn: z.boolean(),
  offReason: z
    .enum(["person", "gone", "failing"])
    .nullable()
    .openapi({ description: "`gone`: the receiver said 410 Gone; `failing`: for three days no message came through" }),
  author: z.string().nullable().openapi({ description: "null: a program, or no member any more" }),
  createdAt: instantOut,
  deliveredAt: instantOut.nullable().openapi({ description: "The last message that was taken, within 30 days" }),
  failingSince: instantOut.nullable().openapi({ description: "The first try that failed after it" }),
  waiting: z.number().int().openapi({ description: "Messages that wait to be sent, or to be tried again" }),
  unsent: z
    .number()
    .int()
    .openapi({ description: `Events that were not kept, because ${mostWaitingMessages} messages waited` }),
};
const WebhookSchema = z.object(fields).openapi("Webhook");
const secret = z
  .string()
  .openapi({ description: "What messages are signed with, in this answer alone", example: "whsec_…" });
const CreatedWebhookSchema = z.object({ ...fields, secret }).openapi("CreatedWebhook");

const DeliverySchema = z
  .object({
    id: z.string().openapi({ format: "uuid", description: "`webhook-id` is `msg_` and this" }),
    type: z.enum(eventTypes),
    occurredAt: instantOut,
    data: z.record(z.string(), z.unknown()).openapi({ type: "object" }),
    state: z.enum(["waiting", "delivered", "failed", "dropped"]).openapi({
      description: "`dropped`: the webhook was switched off before it was sent",
    }),
    tries: z.number().int(),
    nextTryAt: instantOut.nullable(),
    triedAt: instantOut.nullable(),
    durationMs: z.number().int().nullable().openapi({ description: "Of the last try, as what follows" }),
    status: z.number().int().nullable().openapi({ description: "HTTP's; null: no answer came" }),
    fault: z.string().nullable().openapi({ example: "no-connection" }),
    answer: z.string().nullable().openapi({ description: "The first kilobyte of what the receiver said" }),
  })
  .openapi("WebhookDelivery");

const iso = (at: Date | null) => at?.toISOString() ?? null;

const shown = ({ offReason, offSince: _, createdAt, deliveredAt, failingSince, ...webhook }: Webhook) => ({
  ...webhook,
  ...{ isOn: offReason === null, offReason },
  createdAt: createdAt.toISOString(),
  ...{ deliveredAt: iso(deliveredAt), failingSince: iso(failingSince) },
});

const shownDelivery = ({ outcome, occurredAt, createdAt: _, nextTryAt, triedAt, data, ...delivery }: Delivery) => ({
  ...delivery,
  data: data as Record<string, unknown>,
  state: outcome ?? ("waiting" as const),
  occurredAt: occurredAt.toISOString(),
  ...{ nextTryAt: iso(nextTryAt), triedAt: iso(triedAt) },
});

export const newSecret = () => makeWebhookSecret(randomBytes(secretBytes));

/** Makes a webhook. `secret` is shown once. @throws Problem 409 when there are too many. */
export async function makeWebhook(
  organizationId: string,
  given: z.output<typeof newWebhook>,
  createdBy: string | null,
) {
  const secret = newSecret();
  const made = await createWebhook(organizationId, { ...given, secret, createdBy });
  if (made === "too-many") throw new Problem(409, `An organization has at most ${mostWebhooks} webhooks: delete one.`);
  return { ...shown(made), secret };
}

const permission = "webhook.change";

export const webhookOperations = [
  operation({
    id: "listWebhooks",
    method: "GET",
    path: "/webhooks",
    tag: "Access",
    summary: "The webhooks, oldest first",
    permission,
    query: z.strictObject(listPaging),
    response: listOf(WebhookSchema),
    async handle({ organizationId, query }) {
      const { items, nextCursor } = cut(await listWebhooks(organizationId), query, ({ id }) => id);
      return { items: items.map(shown), nextCursor };
    },
  }),
  operation({
    id: "createWebhook",
    method: "POST",
    path: "/webhooks",
    tag: "Access",
    summary: "Have an address told what happens; the secret is in this answer alone",
    description:
      "Messages are POSTs with JSON (`webhooks` in this document), signed by Standard Webhooks: verify them with the secret. What fails is tried ten times in three days.",
    permission,
    body: newWebhook,
    status: 201,
    response: CreatedWebhookSchema,
    problems: [409],
    location: ({ id }) => `/webhooks/${id}`,
    handle: ({ organizationId, body }) => makeWebhook(organizationId, body, null),
  }),
  operation({
    id: "getWebhook",
    method: "GET",
    path: "/webhooks/{id}",
    tag: "Access",
    summary: "A webhook",
    permission,
    params,
    response: WebhookSchema,
    async handle({ organizationId, params: { id } }) {
      const found = await getWebhook(organizationId, id);
      if (!found) throw notFound("webhook");
      return shown(found);
    },
  }),
  operation({
    id: "updateWebhook",
    method: "PATCH",
    path: "/webhooks/{id}",
    tag: "Access",
    summary: "Change a webhook, or switch it off and on",
    description: "Switched on, it is told what happens from then on. What waited when it was switched off is not sent.",
    permission,
    params,
    body: z.strictObject({ name, url, events, isOn: z.boolean() }).partial().openapi("WebhookPatch"),
    response: WebhookSchema,
    async handle({ organizationId, params: { id }, body }) {
      const changed = await updateWebhook(organizationId, id, body);
      if (!changed) throw notFound("webhook");
      return shown(changed);
    },
  }),
  operation({
    id: "deleteWebhook",
    method: "DELETE",
    path: "/webhooks/{id}",
    tag: "Access",
    summary: "Delete a webhook with its messages",
    permission,
    params,
    async handle({ organizationId, params: { id } }) {
      if (!(await deleteWebhook(organizationId, id))) throw notFound("webhook");
    },
  }),
  operation({
    id: "rotateWebhookSecret",
    method: "POST",
    path: "/webhooks/{id}/secret",
    tag: "Access",
    summary: "Make a new secret; for 24 hours the old one signs beside it",
    permission,
    params,
    response: CreatedWebhookSchema,
    async handle({ organizationId, params: { id } }) {
      const secret = newSecret();
      const rotated = await rotateWebhookSecret(organizationId, id, secret);
      if (!rotated) throw notFound("webhook");
      return { ...shown(rotated), secret };
    },
  }),
  operation({
    id: "testWebhook",
    method: "POST",
    path: "/webhooks/{id}/test",
    tag: "Access",
    summary: "Send a test, which is tried once; also to one that is off",
    permission,
    params,
    response: DeliverySchema,
    async handle({ organizationId, params: { id } }) {
      const sent = await testWebhook(organizationId, id);
      if (!sent) throw notFound("webhook");
      if (sent === "too-many")
        throw new Problem(429, `At most ${mostTests} tests a minute.`, { headers: { "retry-after": "60" } });
      return shownDelivery(sent);
    },
  }),
  operation({
    id: "listWebhookDeliveries",
    method: "GET",
    path: "/webhooks/{id}/deliveries",
    tag: "Access",
    summary: "The messages of the last 30 days, newest first, and what came of them",
    permission,
    params,
    query: z.strictObject(listPaging),
    response: listOf(DeliverySchema),
    async handle({ organizationId, params: { id }, query: { limit, cursor } }) {
      const page = await deliveriesPage(organizationId, id, { after: afterRow(cursor), limit });
      if (!page) throw notFound("webhook");
      return { items: page.items.map(shownDelivery), nextCursor: cursorOfRow(page.next) };
    },
  }),
  operation({
    id: "resendWebhookDelivery",
    method: "POST",
    path: "/webhooks/{id}/deliveries/{deliveryId}/resend",
    tag: "Access",
    summary: "Send a message once more, with the id that it had; one that waits is tried at once",
    permission,
    params: z.object({ id: webhookId, deliveryId: webhookId }),
    response: DeliverySchema,
    problems: [409],
    async handle({ organizationId, params: { id, deliveryId } }) {
      const sent = await sendAgain(organizationId, { webhookId: id, deliveryId });
      if (!sent) throw notFound("message");
      if (sent === "off") throw new Problem(409, "The webhook is off: switch it on first.");
      return shownDelivery(sent);
    },
  }),
];
