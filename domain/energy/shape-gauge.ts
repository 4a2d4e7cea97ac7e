import type { Direction, Role } from "../channel.ts";

/**
 * The power gauge that shows the flow of a register of the same device: it lays the register's energy over a gap that it covers.
 * Worked: energy.export beside power of both directions: the gauge's reverse energy is its shape.
 */
export interface FlowChannel {
  direction: Direction | null;
  role: Role;
  /** Which part of the device it measures: its tags, phase and the number of its input. */
  place: string;
}

export interface Gauge extends FlowChannel {
  id: number;
  metric: string;
}

const reversed: readonly (Direction | null)[] = ["export", "production", "discharge"];
const family: Record<Role, string> = {
  grid_import: "grid",
  grid_export: "grid",
  production: "production",
  battery_charge: "battery",
  battery_discharge: "battery",
  consumer: "consumer",
  none: "none",
};

/** null: the device has no gauge of that flow. A gauge of the same direction before one of both; the shorter name first. */
export function gaugeOf(
  counter: FlowChannel,
  gauges: readonly Gauge[],
): { id: number; flow: "energyKwh" | "reverseKwh" } | null {
  if (counter.direction === "both") return null;
  const here = gauges
    .filter((gauge) => gauge.place === counter.place && family[gauge.role] === family[counter.role])
    .filter(({ direction }) => direction === "both" || direction === counter.direction)
    .sort(
      (a, b) =>
        Number(a.direction === "both") - Number(b.direction === "both") ||
        a.metric.length - b.metric.length ||
        a.id - b.id,
    );
  const gauge = here[0];
  if (!gauge) return null;
  const isReverse = gauge.direction === "both" && reversed.includes(counter.direction);
  return { id: gauge.id, flow: isReverse ? "reverseKwh" : "energyKwh" };
}
