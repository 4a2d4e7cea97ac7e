import { billionths, perUnit } from "../tariff/exact-sum.ts";
import type { TariffVersion } from "../tariff/contract.ts";
import { unitPrices } from "../tariff/unit-prices.ts";
import { calendarOf, type Usage } from "../tariff/usage.ts";
import { runBattery, type Battery } from "./battery.ts";
import { shiftLoad, type ShiftedLoad } from "./shifted-load.ts";
import { solarProduction, type SolarSystem } from "./solar.ts";

/** "What if": one's own quarter-hours with solar, a battery or a shifted load. The result is a usage that any tariff can bill. */
export interface Scenario {
  solar?: SolarSystem | { kwhOfEach: Float64Array };
  battery?: Battery;
  shift?: ShiftedLoad;
}

export interface Simulated {
  usage: Usage;
  productionKwh: number;
  /** Production that was used at the site, at once or through the battery. */
  selfConsumedKwh: number;
  chargedKwh: number;
  dischargedKwh: number;
  /** What the battery lost, what it held back at the end aside. */
  lossKwh: number;
  movedKwh: number;
  /** What the figures rest on, in sentences. */
  assumptions: string[];
}

/**
 * @param versions the tariff in whose prices the battery and the shift think; needed by price-led strategies only.
 * @throws RangeError where a size is negative or no number.
 */
export function simulate(
  usage: Usage,
  { solar, battery, shift }: Scenario,
  { timezone, versions }: { timezone: string; versions?: readonly TariffVersion[] },
): Simulated {
  checkSizes({
    ...(solar && "kwp" in solar ? { kwp: solar.kwp } : {}),
    ...sizesOf(battery),
    kwhPerDay: shift?.kwhPerDay ?? 0,
  });
  const { length } = usage;
  const calendar = calendarOf(usage, timezone);
  const prices = versions && unitPrices(usage, versions, { timezone });
  const net = new Float64Array(length);
  for (let i = 0; i < length; i++) net[i] = (usage.imported[i]! - usage.exported[i]!) / perUnit;
  const movedKwh = shift ? shiftLoad(net, shift, { ...calendar, prices }) : 0;
  const exportedBefore = total(net, -1);
  const production = solar && producedBy(solar, usage);
  const productionKwh = production ? subtract(net, production, usage.coveredS) : 0;
  const run = battery && runBattery(battery, { net, dayOf: calendar.day, prices });
  if (run) for (let i = 0; i < length; i++) net[i]! += run.chargedKwh[i]! - run.dischargedKwh[i]!;
  const chargedKwh = run ? sum(run.chargedKwh) : 0;
  const dischargedKwh = run ? sum(run.dischargedKwh) : 0;
  const kept = run ? run.storedAtEndKwh - run.storedAtStartKwh : 0;
  const isChanged = Boolean(solar ?? battery ?? shift);
  return {
    usage: isChanged ? withNet(usage, net) : usage,
    ...{ productionKwh, chargedKwh, dischargedKwh, movedKwh },
    lossKwh: Math.max(0, chargedKwh - dischargedKwh - kept),
    selfConsumedKwh: productionKwh - Math.min(productionKwh, Math.max(0, total(net, -1) - exportedBefore)),
    assumptions: assumptionsOf({ solar, battery, shift }, { hasPrices: prices !== undefined, usage }),
  };
}

function producedBy(solar: NonNullable<Scenario["solar"]>, { startMs, length }: Usage): Float64Array {
  if (!("kwhOfEach" in solar)) return solarProduction(solar, startMs, length);
  if (solar.kwhOfEach.length !== length)
    throw new RangeError("A production has one value for each quarter-hour of the usage.");
  return solar.kwhOfEach;
}

/** Where nothing is known of the house, nothing is produced for it either: the comparison stays fair. */
function subtract(net: Float64Array, production: Float64Array, coveredS: Float64Array): number {
  let counted = 0;
  for (let i = 0; i < net.length; i++) {
    if (!(coveredS[i]! > 0)) continue;
    net[i]! -= production[i]!;
    counted += production[i]!;
  }
  return counted;
}

function withNet(usage: Usage, net: Float64Array): Usage {
  const imported = net.map((kwh) => billionths(Math.max(0, kwh)));
  const exported = net.map((kwh) => billionths(Math.max(0, -kwh)));
  const estimated = usage.estimated && usage.estimated.map((part, i) => Math.min(part, imported[i]!));
  return { ...usage, imported, exported, estimated };
}

const sum = (values: Float64Array): number => values.reduce((all, value) => all + value, 0);

/** The sum of the positive (1) or of the negative (-1) quarter-hours. */
const total = (net: Float64Array, sign: 1 | -1): number => net.reduce((all, kwh) => all + Math.max(0, kwh * sign), 0);

const sizesOf = (battery: Battery | undefined): Record<string, number> =>
  battery
    ? {
        ...{ capacityKwh: battery.capacityKwh, chargeKw: battery.chargeKw, dischargeKw: battery.dischargeKw },
        ...{ roundTripEfficiency: battery.roundTripEfficiency ?? 1, minimumCharge: battery.minimumCharge ?? 0 },
      }
    : {};

function checkSizes(sizes: Record<string, number>): void {
  for (const [name, size] of Object.entries(sizes)) {
    const most = name === "roundTripEfficiency" || name === "minimumCharge" ? 1 : 1e6;
    const least = name === "roundTripEfficiency" ? 0.01 : 0;
    if (!(size >= least && size <= most)) throw new RangeError(`${name} is ${size}: ${least} to ${most} is expected.`);
  }
}

/** 0.57 is 57, not 56.99999999999999. */
const percent = (share: number): number => Number((share * 100).toFixed(4));

function assumptionsOf(
  { solar, battery, shift }: Scenario,
  { hasPrices, usage }: { hasPrices: boolean; usage: Usage },
): string[] {
  const said: string[] = [];
  if (solar ?? battery ?? shift)
    said.push("Consumption stays what it was; within a quarter-hour, what is produced and what is used meet.");
  if (solar && "kwp" in solar) {
    said.push(
      solar.yieldKwhPerKwp === undefined
        ? `${solar.kwp} kWp under an average sky of the middle latitudes: no real weather, no shade, no ageing.`
        : `${solar.kwp} kWp scaled to ${solar.yieldKwhPerKwp} kWh per kWp and year, under an average sky: no real weather.`,
    );
  }
  if (solar) said.push("Nothing is produced where the history has no data.");
  if (battery) {
    const { capacityKwh, chargeKw, dischargeKw, roundTripEfficiency = 0.9, minimumCharge = 0.1, strategy } = battery;
    said.push(
      `A battery of ${capacityKwh} kWh, ${chargeKw} kW in and ${dischargeKw} kW out, ${percent(roundTripEfficiency)} % round trip, never below ${percent(minimumCharge)} %; it starts there, and does not age.`,
    );
    if (strategy === "self-consumption")
      said.push("It charges from what is left over only, and gives to the house only.");
    else if (hasPrices)
      said.push(
        "Day by day it knows the day's prices: it buys in the cheapest quarter of the day, keeps until the dearer half, and gives to the house only, on days whose spread pays for its losses.",
      );
    else said.push("No prices were given: it follows the house as if for self-consumption.");
  }
  if (shift)
    said.push(
      `Up to ${shift.kwhPerDay} kWh a day can be moved within the day, by someone or something that does so every day.`,
    );
  if (usage.coveredS.some((s) => s < 900)) said.push("Parts of the history are missing: they count as no use at all.");
  return said;
}
