import type { AedesPublishPacket } from "aedes";
import { expect, it } from "vitest";
import { inward, inwardSubscription, outward, outwardPacket } from "./namespace.ts";

const packet = (topic: string) =>
  ({ cmd: "publish", topic, payload: "1", qos: 0, retain: false, dup: false }) as AedesPublishPacket;

it("what goes in comes out under the same name", () => {
  for (const topic of ["tele/plug/SENSOR", "/", "", "$SYS/x", "a//b", "c1/a"]) {
    expect(outward("c1", inward("c1", topic))).toBe(topic);
  }
});

it("a packet of another namespace is not for this subscriber, also where one name begins like the other", () => {
  expect(outwardPacket("c1", packet("c1/a"))).toMatchObject({ topic: "a", payload: "1" });
  for (const topic of ["c2/a", "c11/a", "c1", "$SYS/x/new/clients"])
    expect(outwardPacket("c1", packet(topic))).toBeNull();
});

it("wildcards stay within, and the broker's own topics are not offered", () => {
  const topics = ["#", "+", "+/+", "a/#", "/#"];
  for (const topic of topics)
    expect(inwardSubscription("c1", { topic, qos: 1 })).toEqual({ topic: `c1/${topic}`, qos: 1 });
  for (const topic of ["$SYS/#", "$SYS/broker/uptime", "$share/g/#", "$x"]) {
    expect(inwardSubscription("c1", { topic, qos: 0 })).toBeNull();
  }
});

it("the packet that others see is not changed", () => {
  const shared = packet("c1/a");
  outwardPacket("c1", shared);
  expect(shared.topic).toBe("c1/a");
});
