import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../domain/device/registry.ts";
import { makeFleet } from "./fleet.ts";
import { deliveriesOf, outagesOf } from "./faults.ts";
import type { Outgoing } from "./simulated-device.ts";

const sinceMs = Date.UTC(2026, 0, 1);
const noon = Date.UTC(2026, 0, 20, 11, 0, 10);
const fleet = () => makeFleet({ seed: 7, sinceMs, devices: 5 });

function decode(message: Outgoing) {
  const payload = Buffer.from(message.payload);
  if (message.transport === "mqtt") return decodeMessage({ ...message, receivedAtMs: noon, payload });
  const headers = { ...message.headers, authorization: "Token secret" };
  return decodeMessage({ ...message, headers, method: "POST", receivedAtMs: noon, payload });
}

describe("the simulated devices", () => {
  it("speak formats that the product's own decoders read without a complaint", () => {
    const formats = fleet().map((device) => {
      const messages = [
        ...(device.greeting?.(noon) ?? []),
        ...device.snapshot(noon),
        ...device.report(noon, 9),
        ...device.report(noon, 18),
      ];
      const decoded = messages.map(decode);
      for (const { error, refusals } of decoded) expect([error, refusals]).toEqual([undefined, undefined]);
      const metrics = new Set(decoded.flatMap(({ readings }) => readings.map(({ metric }) => metric)));
      for (const metric of device.history.metrics) expect(metrics).toContain(metric);
      return decoded.at(-1)!.format;
    });
    expect(formats).toEqual(["native-json", "influx-line", "tasmota", "shelly-gen2", "tasmota"]);
  });

  it("say the same at the same time, whoever asks first", () => {
    const asked = fleet().map((device) => device.snapshot(noon)[0]!.payload);
    const other = fleet();
    for (const device of other) device.snapshot(noon + 5 * 86_400_000);
    expect(other.map((device) => device.snapshot(noon)[0]!.payload)).toEqual(asked);
  });

  it("agree with one another: what the meter imports and exports is the house's balance", () => {
    const value = (device: number, metric: string, ms: number) =>
      decode(fleet()[device]!.snapshot(ms)[0]!).readings.find((reading) => reading.metric === metric)!.value as number;
    const later = noon + 86_400_000;
    const turned = (device: number, metric: string) => value(device, metric, later) - value(device, metric, noon);
    const load = turned(0, "energy.import") - turned(0, "energy.export") + turned(1, "inverter.energy_total_kwh");
    const known = turned(2, "energy.import") + turned(3, "energy.import") + turned(4, "energy.import");
    expect(load).toBeGreaterThan(known);
    expect(load).toBeLessThan(80);
  });

  it("have names of their own in every house", () => {
    const large = makeFleet({ seed: 7, sinceMs, devices: 23 });
    expect(new Set(large.map(({ key }) => key)).size).toBe(23);
    const addresses = large.map((device) => {
      const [message] = device.snapshot(noon);
      return message!.transport === "mqtt" ? message!.topic : device.key;
    });
    expect(new Set(addresses).size).toBe(23);
  });
});

describe("faults", () => {
  it("lose some hours of a year for the whole house, and a little more for each device", () => {
    const quarters = Array.from({ length: 4 * 24 * 365 }, (_, i) => sinceMs + i * 900_000);
    const hoursLost = (key: string) => quarters.filter(outagesOf(7, key)).length / 4;
    for (const key of ["smart-meter", "inverter", "heat-pump"]) {
      expect(hoursLost(key)).toBeGreaterThan(4);
      expect(hoursLost(key)).toBeLessThan(60);
    }
    expect(hoursLost("smart-meter")).not.toBe(hoursLost("inverter"));
  });

  it("repeat and hold back few live reports", () => {
    const deliveryOf = deliveriesOf(7, "smart-meter");
    const deliveries = Array.from({ length: 20_000 }, (_, tick) => deliveryOf(tick));
    expect(deliveries.filter((d) => d === "twice").length).toBeGreaterThan(50);
    expect(deliveries.filter((d) => d === "held").length).toBeGreaterThan(15);
    expect(deliveries.filter((d) => d === "once").length).toBeGreaterThan(19_000);
  });
});
