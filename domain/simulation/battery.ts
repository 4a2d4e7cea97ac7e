/**
 * A battery beside a house. What it does in a quarter-hour depends on what is left over or lacking, what is stored, and (led by
 * price) what the day's prices are. 10 kWh charged at 90 % round trip give 9 kWh back.
 */
export interface Battery {
  capacityKwh: number;
  chargeKw: number;
  dischargeKw: number;
  /** What comes back of what was charged, 0 to 1; the loss is shared by both ways. Left out: 0.9. */
  roundTripEfficiency?: number;
  /** The charge that is always kept, 0 to 1 of the capacity. Left out: 0.1. */
  minimumCharge?: number;
  strategy: "self-consumption" | "price-led";
}

export interface BatteryRun {
  /** kWh taken from and given to the house, each quarter-hour. */
  chargedKwh: Float64Array;
  dischargedKwh: Float64Array;
  /** What is stored at the start (the minimum) and at the end. */
  storedAtStartKwh: number;
  storedAtEndKwh: number;
}

export interface BatteryInput {
  /** Consumption less production of each quarter-hour, kWh: below 0 is left over. */
  net: Float64Array;
  /** For price-led: the local day of each quarter-hour, and what a kWh taken costs in it. */
  dayOf: Int32Array;
  prices?: Float64Array;
}

export function runBattery(battery: Battery, { net, dayOf, prices }: BatteryInput): BatteryRun {
  const { capacityKwh, roundTripEfficiency = 0.9, minimumCharge = 0.1 } = battery;
  const oneWay = Math.sqrt(roundTripEfficiency);
  const [mostIn, mostOut] = [battery.chargeKw / 4, battery.dischargeKw / 4];
  const least = capacityKwh * minimumCharge;
  const chargedKwh = new Float64Array(net.length);
  const dischargedKwh = new Float64Array(net.length);
  const wanted = battery.strategy === "price-led" && prices ? priceLed(prices, dayOf, roundTripEfficiency) : null;
  let stored = least;
  for (let i = 0; i < net.length; i++) {
    const wish = wanted?.[i] ?? Wish.follow;
    const room = Math.max(0, (capacityKwh - stored) / oneWay);
    const leftOver = Math.max(0, -net[i]!);
    const charge = Math.min(mostIn, room, wish === Wish.buy ? Infinity : leftOver);
    if (charge > 0) {
      chargedKwh[i] = charge;
      stored = Math.min(capacityKwh, stored + charge * oneWay);
    } else if (net[i]! > 0 && wish !== Wish.keep && wish !== Wish.buy) {
      const discharge = Math.min(mostOut, net[i]!, Math.max(0, stored - least) * oneWay);
      dischargedKwh[i] = discharge;
      stored = Math.max(least, stored - discharge / oneWay);
    }
  }
  return { chargedKwh, dischargedKwh, storedAtStartKwh: least, storedAtEndKwh: stored };
}

enum Wish {
  /** Charge what is left over, give what is lacking. */
  follow,
  /** Charge from the grid too. */
  buy,
  /** Charge what is left over, give nothing. */
  keep,
}

/**
 * Day by day, as day-ahead prices are known: in the cheapest quarter of the day it buys, above the dearer half it gives, between
 * them it keeps; but only on days whose spread pays for the losses. On other days it follows the house.
 */
function priceLed(prices: Float64Array, dayOf: Int32Array, efficiency: number): Uint8Array {
  const wishes = new Uint8Array(prices.length);
  for (let from = 0; from < prices.length;) {
    let to = from;
    while (to < prices.length && dayOf[to] === dayOf[from]) to++;
    wishDay(prices.subarray(from, to), wishes.subarray(from, to), efficiency);
    from = to;
  }
  return wishes;
}

function wishDay(prices: Float64Array, wishes: Uint8Array, efficiency: number): void {
  const sorted = prices.filter((price) => !Number.isNaN(price)).sort();
  if (sorted.length === 0) return;
  const low = sorted[Math.floor((sorted.length - 1) / 4)]!;
  const high = sorted[Math.floor((sorted.length - 1) / 2)]!;
  const dearest = sorted.at(-1)!;
  if (!(dearest * efficiency > low)) return;
  prices.forEach((price, i) => {
    if (Number.isNaN(price)) return;
    if (price <= low && price < dearest * efficiency) wishes[i] = Wish.buy;
    else if (price <= high && price < dearest) wishes[i] = Wish.keep;
  });
}
