import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type pg from "pg";
import { createWebhook, deliveriesPage, type Delivery, type NewWebhook } from "../../db/webhooks.ts";
import { chosenTypes, type EventType } from "../../domain/webhook/events.ts";
import { makeWebhookSecret } from "../../domain/webhook/signature.ts";
import { log } from "../../platform/log.ts";
import deliverWebhook from "../../workers/tasks/deliver-webhook.ts";
import { takeJobs } from "./jobs.ts";

export const webhookSecret = makeWebhookSecret(new Uint8Array(32).fill(7));

export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** A receiver of webhooks on loopback, which the operator allows. */
export class Receiver {
  received: Received[] = [];
  answer: { status: number; text: string; headers?: Record<string, string> } = { status: 200, text: "thanks" };
  url = "";
  readonly #server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      this.received.push({ path: request.url!, headers: request.headers as Record<string, string>, body });
      response.writeHead(this.answer.status, this.answer.headers).end(this.answer.text);
    });
  });

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    const { port } = receiver.#server.address() as AddressInfo;
    receiver.url = `http://127.0.0.1:${port}/energy`;
    process.env["WEBHOOK_ALLOWED_HOSTS"] = `127.0.0.1:${port}`;
    return receiver;
  }

  /** As it was at first. */
  reset(): void {
    this.received = [];
    this.answer = { status: 200, text: "thanks" };
  }

  close(): void {
    delete process.env["WEBHOOK_ALLOWED_HOSTS"];
    this.#server.close();
  }

  /** A webhook of an organization that leads here. */
  async webhook(organizationId: string, given: Partial<NewWebhook> = {}): Promise<string> {
    const all = { name: "Home", url: this.url, events: chosenTypes, secret: webhookSecret, createdBy: null };
    const made = await createWebhook(organizationId, { ...all, ...given });
    if (made === "too-many") throw new Error(made);
    return made.id;
  }

  /** Sends what waits in the queue, one after the other. Answers what arrived. */
  async deliver(owner: pg.Client): Promise<{ type: EventType; data: Record<string, unknown> }[]> {
    this.received = [];
    for (const { task, payload } of await takeJobs(owner)) if (task === "deliver-webhook") await deliverOne(payload);
    return this.received.map(({ body }) => JSON.parse(body) as { type: EventType; data: Record<string, unknown> });
  }
}

export const deliverOne = (payload: unknown): Promise<void> =>
  deliverWebhook(payload as { organizationId: string; deliveryId: string }, {
    log,
    signal: new AbortController().signal,
  });

export const deliveriesOf = async (organizationId: string, webhookId: string): Promise<Delivery[]> =>
  (await deliveriesPage(organizationId, webhookId, { after: null, limit: 100 }))!.items;
