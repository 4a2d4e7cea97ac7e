/**
 * Where the energy of one bucket came from and where it went: grid, sun and battery on one side, consumption, battery and grid
 * on the other. Nothing is negative, and what comes in is what goes out.
 * Worked: import 2, export 1, production 4: consumption 5 is 2 from the grid and 3 from the sun, whose fourth is exported.
 */
export const sources = ["grid", "sun", "battery", "unexplained"] as const;
export type Source = (typeof sources)[number];
export const sinks = ["home", "battery", "grid"] as const;
export type Sink = (typeof sinks)[number];
export type Way = `${Source}>${Sink}`;

export const ways: readonly Way[] = sources.flatMap((source) => sinks.map((sink): Way => `${source}>${sink}`));

/** kWh of one bucket, none of them negative. */
export interface Balance {
  importKwh: number;
  exportKwh: number;
  productionKwh: number;
  chargeKwh: number;
  dischargeKwh: number;
}

export interface Split {
  /** import - export + production + discharge - charge, and never below 0. */
  consumptionKwh: number;
  /** What went out though no meter saw it come in: meters that disagree, or a source without one. */
  unexplainedKwh: number;
  ways: Record<Way, number>;
}

/**
 * What is imported is needed in the house at that moment, so the grid serves the consumption first; the sun is exported before
 * the battery. From the grid to the grid, or from the battery to the battery, goes only what can go nowhere else (a meter
 * that counts its phases apart).
 */
export function split({ importKwh, exportKwh, productionKwh, chargeKwh, dischargeKwh }: Balance): Split {
  const net = importKwh - exportKwh + productionKwh + dischargeKwh - chargeKwh;
  const consumption = Math.max(0, net);
  const unexplained = Math.max(0, -net);
  // An unmetered source gives like the sun, and is told apart from it at the end.
  const gridToGrid = clamp(importKwh - chargeKwh - consumption, exportKwh);
  const batteryToBattery = clamp(dischargeKwh - exportKwh - consumption, chargeKwh);
  const [grid, battery] = [importKwh - gridToGrid, dischargeKwh - batteryToBattery];
  const [outside, charge] = [exportKwh - gridToGrid, chargeKwh - batteryToBattery];
  const gridToHome = clamp(Math.min(grid, outside + consumption - battery), consumption);
  const gridToBattery = clamp(grid - gridToHome, charge);
  const batteryToHome = clamp(battery, consumption - gridToHome);
  const batteryToGrid = clamp(battery - batteryToHome, outside);
  const toGrid = Math.max(0, outside - batteryToGrid);
  const toBattery = Math.max(0, charge - gridToBattery);
  const unexplainedToGrid = Math.min(unexplained, toGrid);
  const unexplainedToBattery = clamp(unexplained - unexplainedToGrid, toBattery);
  return {
    consumptionKwh: consumption,
    unexplainedKwh: unexplained,
    ways: {
      "grid>home": gridToHome,
      "grid>battery": gridToBattery,
      "grid>grid": gridToGrid,
      "sun>home": Math.max(0, consumption - gridToHome - batteryToHome),
      "sun>battery": toBattery - unexplainedToBattery,
      "sun>grid": toGrid - unexplainedToGrid,
      "battery>home": batteryToHome,
      "battery>battery": batteryToBattery,
      "battery>grid": batteryToGrid,
      "unexplained>home": 0,
      "unexplained>battery": unexplainedToBattery,
      "unexplained>grid": unexplainedToGrid,
    },
  };
}

const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most));
