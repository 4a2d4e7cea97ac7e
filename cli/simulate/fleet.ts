import { createHousehold, settingsFor } from "../../domain/household/household.ts";
import { mainsOf } from "../../domain/household/mains.ts";
import { inverter } from "./inverter.ts";
import { shellyMeter } from "./shelly-meter.ts";
import type { SimulationFile } from "./credentials-file.ts";
import type { CredentialedDevice, House, SimulatedDevice } from "./simulated-device.ts";
import { smartMeter } from "./smart-meter.ts";
import { tasmotaPlug } from "./tasmota-plug.ts";

/** Houses that are computed; a larger fleet has several meters in each. */
const mostHouses = 24;

export const devicesOfHouse = 5;

export interface FleetSettings {
  seed: number;
  /** The registers are first known here. */
  sinceMs: number;
  devices: number;
  timezone?: string;
}

/** The devices of one or more households: five of each house, the next house by the next seed. */
export function makeFleet({ seed, sinceMs, devices, timezone = "Europe/Berlin" }: FleetSettings): SimulatedDevice[] {
  const houses: House[] = [];
  const houseOf = (index: number): House => {
    const number = index % mostHouses;
    const settings = () => settingsFor({ seed: seed + number, sinceMs, timezone });
    return (houses[number] ??= { household: createHousehold(settings()), mains: mainsOf(seed + number) });
  };
  return Array.from({ length: devices }, (_, i) => {
    const house = Math.floor(i / devicesOfHouse);
    return builders[i % devicesOfHouse]!(houseOf(house), house);
  });
}

const keyOf = (key: string, house: number) => (house === 0 ? key : `${key}-${house + 1}`);
const nameOf = (name: string, house: number) => (house === 0 ? name : `${name} ${house + 1}`);
const macOf = (base: number, house: number) => (base + house).toString(16).padStart(6, "0");

const builders: ((house: House, index: number) => SimulatedDevice)[] = [
  (house, i) => smartMeter(house, { key: keyOf("smart-meter", i), name: nameOf("Smart meter", i) }),
  (house, i) => inverter(house, { key: keyOf("inverter", i), name: nameOf("Solar inverter", i) }),
  (house, i) =>
    tasmotaPlug(house, {
      key: keyOf("heat-pump", i),
      name: nameOf("Heat pump", i),
      topic: `tasmota_${macOf(0x4f21b0, i).toUpperCase()}`,
      flow: "heatPump",
      phase: 0,
      powerFactor: 0.96,
    }),
  (house, i) =>
    shellyMeter(house, {
      key: keyOf("wallbox", i),
      name: nameOf("Wallbox", i),
      source: `shellypro3em-fce8c0${macOf(0xd9a1b4, i)}`,
    }),
  (house, i) =>
    tasmotaPlug(house, {
      key: keyOf("washing-machine", i),
      name: nameOf("Washing machine", i),
      topic: `tasmota_${macOf(0xa01c9e, i).toUpperCase()}`,
      flow: "washingMachine",
      phase: 1,
      powerFactor: 0.93,
    }),
];

/** The devices of a file, each with its credential; what the file does not know stays silent. */
export function credentialed(file: SimulationFile): CredentialedDevice[] {
  const byKey = new Map(file.devices.map((device) => [device.key, device]));
  const fleet = makeFleet({ ...file, devices: Math.max(devicesOfHouse, file.devices.length) });
  return fleet.flatMap((device) => {
    const credential = byKey.get(device.key);
    return credential ? [{ device, credential }] : [];
  });
}
