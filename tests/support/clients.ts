import mqtt, { type IClientOptions, type MqttClient } from "mqtt";

/** What a device needs to log in. */
export interface Login {
  username: string;
  password: string;
}

/**
 * A real MQTT client (3.1.1, clean session) that does not connect again by itself.
 * Rejects with the broker's refusal: `{ code }` is the CONNACK return code.
 */
export function connectMqtt(
  address: number | string,
  login: Login | null,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const url = typeof address === "number" ? `mqtt://127.0.0.1:${address}` : address;
  const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 10_000, ...login, ...options });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      client.end(true);
      reject(error);
    };
    const closed = () => fail(new Error("the broker closed the connection"));
    // Stays: a connection that is cut later is what some tests are about, and they look at `connected`.
    client.on("error", fail);
    client.once("close", closed);
    client.once("connect", () => {
      client.off("close", closed);
      resolve(client);
    });
  });
}

/** Resolves with the PUBACK (QoS 1), or when it is written (QoS 0). */
export function publish(
  client: MqttClient,
  topic: string,
  payload: unknown,
  qos: 0 | 1 = 1,
  retain = false,
): Promise<void> {
  const body = typeof payload === "string" || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  return new Promise((resolve, reject) => {
    client.publish(topic, body, { qos, retain }, (error) => (error ? reject(error) : resolve()));
  });
}

/** All messages that a subscription brings, as "topic payload", in order. Retained ones as "topic payload (retained)". */
export async function collect(client: MqttClient, filter: string, qos: 0 | 1 = 0): Promise<string[]> {
  const seen: string[] = [];
  client.on("message", (topic, payload, { retain }) =>
    seen.push(`${topic} ${payload.toString()}${retain ? " (retained)" : ""}`),
  );
  const [granted] = await client.subscribeAsync(filter, { qos });
  if (!granted || granted.qos === 128) throw new Error(`${filter} was refused`);
  return seen;
}

/** Resolves when the client's connection has ended, whoever ended it. */
export function ended(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    if (!client.connected) return resolve();
    client.once("close", () => resolve());
  });
}

export interface HttpReply {
  status: number;
  headers: Headers;
  body: string;
}

/** An HTTP push as a device makes it. */
export async function push(
  base: string,
  path: string,
  {
    body = "",
    method = "POST",
    headers = {},
  }: { body?: string | Uint8Array; method?: string; headers?: Record<string, string> } = {},
): Promise<HttpReply> {
  const payload =
    method === "GET" || method === "HEAD" ? {} : { body: typeof body === "string" ? body : Buffer.from(body) };
  const reply = await fetch(`${base}${path}`, { method, headers, ...payload });
  return { status: reply.status, headers: reply.headers, body: await reply.text() };
}

/** Asks until the answer is true (or an expectation inside no longer throws). @throws what was wrong at the end. */
export async function until(check: () => Promise<unknown> | unknown, timeoutMs = 30_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    let fault: unknown = new Error(`not so within ${timeoutMs} ms: ${check.toString().slice(0, 200)}`);
    try {
      if ((await check()) !== false) return;
    } catch (error) {
      fault = error;
    }
    if (Date.now() > end) throw fault;
    await pause(25);
  }
}

/** Whether a promise settles within some milliseconds. */
export async function settles(promise: Promise<unknown>, withinMs: number): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, pause(withinMs).then(() => false)]);
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
