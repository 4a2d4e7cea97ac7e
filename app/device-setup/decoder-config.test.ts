import { describe, expect, test } from "vitest";
import { isZone } from "../../domain/local-time/zone.ts";
import { decodeMessage } from "../../domain/device/registry.ts";
import { decoderValues, readDecoder, type DecoderValues } from "./decoder-config.ts";

const empty: DecoderValues = { fullTopic: "", device: "", time: "", timezone: "", map: "" };
const read = (values: Partial<DecoderValues>, before = {}) => readDecoder({ ...empty, ...values }, before, isZone);

describe("what a person tells of a device", () => {
  test("nothing is an empty config; what is not in the form stays", () => {
    expect(read({})).toEqual({ ok: true, config: {} });
    expect(read({}, { format: "tasmota", full_topic: "a/%topic%/" })).toEqual({
      ok: true,
      config: { format: "tasmota" },
    });
  });

  test("comes back as it was written", () => {
    const values = {
      fullTopic: "home/%prefix%/%topic%/",
      device: "meta.id",
      time: "at",
      timezone: "Europe/Berlin",
      map: "meter.total = energy.import:Wh:counter\np.v = power:kW",
    };
    const result = read(values);
    expect(result).toMatchObject({
      ok: true,
      config: { full_topic: values.fullTopic, map: { "meter.total": "energy.import:Wh:counter", "p.v": "power:kW" } },
    });
    expect(result.ok && decoderValues(result.config)).toEqual(values);
  });

  test.each([
    [{ fullTopic: "home/+/plug/" }, "fullTopic"],
    [{ timezone: "+02:00" }, "timezone"],
    [{ map: "power" }, "map"],
    [{ map: "p = power:W:now" }, "map"],
    [{ map: "p.v = power:W\nnonsense" }, "map"],
  ])("%j is refused at its field", (values, field) => {
    const result = read(values);
    expect(result.ok).toBe(false);
    expect(Object.keys(result.ok ? {} : result.errors)).toEqual([field]);
  });

  test("and is what the decoder reads", () => {
    const result = read({ map: "p.v = power:kW" });
    const message = { transport: "mqtt" as const, topic: "my/meter", receivedAtMs: 1.7e12 };
    const payload = new TextEncoder().encode('{"p":{"v":"1.25"},"x":3}');
    const { readings } = decodeMessage({ ...message, payload, config: result.ok ? result.config : {} });
    expect(readings).toMatchObject([{ metric: "power", value: 1250, unit: "W" }]);
  });

  test("settings pass through the form unchanged", () => {
    const config = { device: "meta.id", time: "at", map: { "p.v": "power:kW", total: "energy.import:Wh:counter" } };
    expect(read(decoderValues(config), config)).toEqual({ ok: true, config });
  });
});
