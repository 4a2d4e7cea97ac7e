import type { IPublishPacket } from "mqtt";
import { expect, test } from "vitest";
import { Unacknowledged } from "./unacknowledged.ts";

const packet = (messageId: number | undefined, payload: string, dup = false): IPublishPacket => ({
  ...{ cmd: "publish", qos: messageId === undefined ? 0 : 1, dup, retain: false, topic: "t/u/energy/m", payload },
  ...(messageId !== undefined && { messageId }),
});

/** Which of the messages were taken, each after the other. */
async function taken(
  messages: readonly (IPublishPacket | ((known: Unacknowledged) => void))[],
  take: (payload: string) => Promise<void> = async () => {},
): Promise<string[]> {
  const known = new Unacknowledged();
  const seen: string[] = [];
  for (const message of messages) {
    if (typeof message === "function") message(known);
    else {
      const payload = message.payload.toString();
      await known.take(message, () => (seen.push(payload), take(payload))).catch(() => {});
    }
  }
  return seen;
}

test("a message that is delivered again is not taken again", async () => {
  expect(await taken([packet(1, "a"), packet(2, "b"), packet(1, "a", true), packet(2, "b", true)])).toEqual(["a", "b"]);
});

test.each<[string, Parameters<typeof taken>[0], string[]]>([
  ["at QoS 0", [packet(undefined, "a"), packet(undefined, "a", true)], ["a", "a"]],
  ["another one with its id", [packet(1, "a"), packet(1, "b", true)], ["a", "b"]],
  ["a new one that says the same", [packet(1, "a"), packet(1, "a")], ["a", "a"]],
  ["after its PUBACK", [packet(1, "a"), (known) => known.acknowledged(1), packet(1, "a", true)], ["a", "a"]],
  ["in a new session", [packet(1, "a"), (known) => known.forget(), packet(1, "a", true)], ["a", "a"]],
])("but it is taken %s", async (_when, messages, expected) => {
  expect(await taken(messages)).toEqual(expected);
});

test("what could not be taken is taken when it is delivered again", async () => {
  const fail = () => Promise.reject(new Error("stopping"));
  expect(await taken([packet(1, "a"), packet(1, "a", true)], fail)).toEqual(["a", "a"]);
});

test("it settles when its first delivery does", async () => {
  const known = new Unacknowledged();
  let commit = () => {};
  void known.take(packet(1, "a"), () => new Promise<void>((resolve) => (commit = resolve)));
  let isAnswered = false;
  const again = known.take(packet(1, "a", true), async () => {}).then(() => (isAnswered = true));
  await Promise.resolve();
  expect(isAnswered).toBe(false);
  commit();
  await again;
  expect(isAnswered).toBe(true);
});
