import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { chosenTypes, eventBody, eventExample, eventJsonSchema, eventTypes, isEventBody } from "./events.ts";
import { failingForMs, mostTries, nextTryMs, offReasonOf } from "./retry.ts";
import { makeWebhookSecret, oldSecretMs, rotated, signedHeaders } from "./signature.ts";

const now = Date.UTC(2026, 2, 1, 12);
const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe("the signature", () => {
  // The example of the specification's reference libraries.
  test("is the one of the specification", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const body = '{"test": 2432232314}';
    const at = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body, nowMs: 1_614_265_330_000 };
    expect(signedHeaders([{ secret, untilMs: null }], at)).toEqual({
      "webhook-id": at.id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("is HMAC-SHA256 over id, seconds and body, whatever they are, and is verified by the library of receivers", () => {
    fc.assert(
      fc.property(bytes, fc.uuid(), fc.json(), (random, id, body) => {
        const secret = makeWebhookSecret(random);
        const nowMs = Date.now();
        const headers = signedHeaders([{ secret, untilMs: null }], { id: `msg_${id}`, body, nowMs });
        const signed = `msg_${id}.${Math.floor(nowMs / 1000)}.${body}`;
        expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", random).update(signed).digest("base64")}`);
        expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
        expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow("No matching signature");
      }),
      { numRuns: 50 },
    );
  });

  test("after a rotation both secrets sign, for a day", () => {
    const [one, two, three] = [1, 2, 3].map((n) => makeWebhookSecret(new Uint8Array(32).fill(n))) as [
      string,
      string,
      string,
    ];
    const first = [{ secret: one, untilMs: null }];
    const second = rotated(first, two, now);
    const signers = (secrets: typeof second, nowMs: number) =>
      signedHeaders(secrets, { id: "msg_1", body: "{}", nowMs })["webhook-signature"].split(" ").length;
    expect(second).toEqual([
      { secret: two, untilMs: null },
      { secret: one, untilMs: now + oldSecretMs },
    ]);
    expect([signers(first, now), signers(second, now), signers(second, now + oldSecretMs)]).toEqual([1, 2, 1]);
    // The one before the last signs no more.
    expect(rotated(second, three, now).map(({ secret }) => secret)).toEqual([three, two]);
  });

  test("a secret of another length is not made", () => expect(() => makeWebhookSecret(new Uint8Array(8))).toThrow());
});

describe("the next try", () => {
  const at = (tries: number, chance = 0, askedS: number | null = null) =>
    nextTryMs({ tries, askedS, nowMs: 0 }, chance);

  test("follows the schedule of the specification", () => {
    const pauses = Array.from({ length: mostTries }, (_, i) => at(i + 1));
    expect(pauses.slice(0, -1).map((ms) => ms! / 1000)).toEqual([
      5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
    expect(pauses.at(-1)).toBeNull();
    expect(pauses.reduce<number>((sum, ms) => sum + (ms ?? 0), 0) / 1000).toBe(75 * 3600 + 35 * 60 + 5);
  });

  test("is up to a tenth later by chance, never earlier, and no earlier than the receiver asks, up to a day", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: mostTries - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tries, chance) => {
          const ms = at(tries, chance)!;
          expect(ms).toBeGreaterThanOrEqual(at(tries)!);
          expect(ms).toBeLessThanOrEqual(at(tries)! * 1.1);
        },
      ),
    );
    expect([at(1, 0, 60), at(5, 0, 60), at(1, 0, 999_999)]).toEqual([60_000, 18_000_000, 86_400_000]);
  });
});

test.each([
  [410, 0, "gone"],
  [500, failingForMs - 1, null],
  [500, failingForMs, "failing"],
  [null, failingForMs, "failing"],
  [404, 0, null],
] as const)("after a %s and %i ms of failures a webhook is off: %s", (status, forMs, reason) =>
  expect(offReasonOf({ status, failingSinceMs: now - forMs, nowMs: now })).toBe(reason),
);

describe("events", () => {
  test.each(eventTypes)("%s: the example is as its schema has it, and the schema says what it is", (type) => {
    const body = eventBody(type, { occurredAt: new Date(now), data: eventExample[type] });
    expect(isEventBody(type, JSON.parse(body))).toBe(true);
    expect(body.startsWith(`{"type":"${type}","timestamp":"2026-03-01T12:00:00.000Z","data":{`)).toBe(true);
    expect(eventJsonSchema(type)).toMatchObject({
      ...{ type: "object", required: ["type", "timestamp", "data"] },
      properties: { type: { const: type }, data: { type: "object" } },
    });
  });

  test("types are words with a full stop between them, and a test cannot be chosen", () => {
    for (const type of eventTypes) expect(type).toMatch(/^[a-z]+\.[a-z]+$/);
    expect(chosenTypes).not.toContain("webhook.test");
  });
});
