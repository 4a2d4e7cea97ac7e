import { newCredential } from "../../app/auth/new-credential.server.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { asSystem } from "../../db/as-system.ts";
import { createDevice } from "../../db/devices.ts";
import { saveBuckets } from "../../db/rollups.ts";
import type { Bucket } from "../../domain/rollup/bucket.ts";
import { addChannel } from "./tenants.ts";

/** A summer day in Berlin, long packed, and the running day as rows. */
const quarter = 900_000;
export const nowMs = Date.parse("2026-07-03T12:00:00Z");
export const from = Date.parse("2026-06-30T22:00:00Z");

type Owner = Parameters<typeof addChannel>[0];
export type SummerChannels = Awaited<ReturnType<typeof furnishSummerDay>>;

/** A heat pump with its heating rod, a roof, and gas beside them. */
export async function furnishSummerDay(owner: Owner, { organizationId, siteId }: CreatedOrganization) {
  const device = async (name: string) =>
    (await createDevice(organizationId, { siteId, name, kind: "device" }, newCredential().kept))!.id;
  const [meter, inverter, pump] = [await device("Meter"), await device("Inverter"), await device("Heat pump")];
  const add = (deviceId: string, metric: string, role: string, rest = {}) =>
    addChannel(owner, {
      ...{ organizationId, deviceId, metric, role, kind: "counter", quantity: "energy", unit: "kWh" },
      ...{ isPrimary: role !== "none", medium: "electricity", ...rest },
    });
  const made = {
    import: await add(meter, "energy.import", "grid_import"),
    export: await add(meter, "energy.export", "grid_export"),
    pv: await add(inverter, "energy.production", "production"),
    heat: await add(pump, "energy.import", "consumer"),
    rod: await add(pump, "rod", "consumer"),
    gas: await add(meter, "gas", "grid_import", { medium: "gas", quantity: "volume", unit: "m3" }),
    temperature: await add(pump, "temperature", "none", { kind: "gauge", quantity: "temperature", unit: "degC" }),
  };
  // Bought at night, sold at noon (10 to 14 o'clock): by the day, the two would hide each other.
  const isNoon = (ms: number) => (ms / 3_600_000) % 24 >= 8 && (ms / 3_600_000) % 24 < 12;
  const series: [number, (ms: number) => number][] = [
    [made.import, (ms) => (isNoon(ms) ? 0 : 0.25)],
    [made.export, (ms) => (isNoon(ms) ? 0.5 : 0)],
    [made.pv, (ms) => (isNoon(ms) ? 0.75 : 0)],
    [made.heat, () => 0.125],
    [made.rod, (ms) => (isNoon(ms) ? 0.25 : 0.0625)],
    [made.gas, () => 0.5],
  ];
  await asSystem((sql) =>
    saveBuckets(
      sql,
      series.map(([channelId, of]) => ({ channelId, buckets: bucketsOf(of) })),
      nowMs,
    ),
  );
  return made;
}

/** Even buckets from the day's first to now. */
export function bucketsOf(of: (ms: number) => number): Bucket[] {
  const nothing = { reverseKwh: 0, estimatedReverseKwh: 0, mean: null, min: null, max: null, count: 15, last: null };
  return Array.from({ length: (nowMs - from) / quarter }, (_, i) => {
    const startMs = from + i * quarter;
    const energyKwh = of(startMs);
    return { ...nothing, startMs, energyKwh, estimatedKwh: i < 24 ? energyKwh : 0, coveredS: 900 };
  });
}
