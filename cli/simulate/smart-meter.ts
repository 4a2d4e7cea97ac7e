/** The grid meter behind a reader that speaks our own JSON: power with its sign (minus is export) and both registers. */
import { cut, type House, type MqttMessage, type SimulatedDevice } from "./simulated-device.ts";

export function smartMeter({ household }: House, { key, name }: { key: string; name: string }): SimulatedDevice {
  const reading = (ms: number): MqttMessage => ({
    transport: "mqtt",
    topic: `energy/${key}`,
    payload: JSON.stringify({
      time: new Date(ms).toISOString(),
      power: household.power("import", ms) - household.power("export", ms),
      "energy.import": cut(household.register("import", ms), 3),
      "energy.export": cut(household.register("export", ms), 3),
    }),
  });
  return {
    key,
    name,
    hasClock: true,
    report: (ms) => [reading(ms)],
    snapshot: (ms) => [reading(ms)],
    history: { metrics: ["power", "energy.import", "energy.export"], everySeconds: {} },
  };
}
