/** A PV inverter whose logger writes InfluxDB line protocol over HTTP, units in the names of its fields. */
import { cut, round, type House, type HttpMessage, type SimulatedDevice } from "./simulated-device.ts";

export function inverter({ household }: House, { key, name }: { key: string; name: string }): SimulatedDevice {
  const write = (ms: number): HttpMessage => {
    const watts = household.power("pv", ms);
    const fields = [
      `power_w=${watts}`,
      `energy_total_kwh=${cut(household.register("pv", ms), 3)}`,
      `temperature_c=${round(household.outsideC(ms) + 4 + watts / 260, 1)}`,
    ];
    return {
      transport: "http",
      path: "/api/v2/write",
      query: "org=home&bucket=energy&precision=ms",
      headers: { "content-type": "text/plain; charset=utf-8" },
      payload: `inverter ${fields.join(",")} ${Math.floor(ms)}\n`,
    };
  };
  return {
    key,
    name,
    hasClock: true,
    report: (ms) => [write(ms)],
    snapshot: (ms) => [write(ms)],
    history: {
      metrics: ["inverter.power_w", "inverter.energy_total_kwh", "inverter.temperature_c"],
      everySeconds: { "inverter.temperature_c": 60 },
    },
  };
}
