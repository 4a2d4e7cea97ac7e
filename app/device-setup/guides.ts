import type { Guide } from "./guide.ts";
import { homeAssistant, mosquittoBridge, statestream, zigbee2mqtt } from "./guides/hubs.ts";
import { influx, sparkplug, telegraf, thingsboard, thingsboardGateway } from "./guides/industry.ts";
import { chirpstack, theThingsStack } from "./guides/lorawan.ts";
import { d0, dsmrReader, p1, smlTasmota, vzloggerD0, vzloggerSml, wmbusmeters } from "./guides/meters.ts";
import { emonesp, emonhub, iotawatt } from "./guides/monitors.ts";
import { esphome, shelly, shellyGen1, tasmota } from "./guides/plugs.ts";
import { anyMqtt, curl, greenButton, mosquitto, python } from "./guides/scripts.ts";
import { ahoydtu, evcc, fronius, opendtu, solaredge, victron } from "./guides/solar.ts";

export interface Family {
  name: string;
  guides: readonly Guide[];
}

/** All that can be connected by pasting something, the commonest first. */
export const families: readonly Family[] = [
  { name: "Plugs and boards", guides: [tasmota, shelly, shellyGen1, esphome] },
  { name: "Home automation", guides: [homeAssistant, statestream, mosquittoBridge, zigbee2mqtt] },
  { name: "Solar and charging", guides: [opendtu, ahoydtu, victron, fronius, solaredge, evcc] },
  { name: "Meters", guides: [smlTasmota, p1, dsmrReader, d0, vzloggerSml, vzloggerD0, wmbusmeters] },
  { name: "Energy monitors", guides: [emonhub, emonesp, iotawatt] },
  { name: "LoRaWAN", guides: [theThingsStack, chirpstack] },
  { name: "Industry and agents", guides: [telegraf, influx, sparkplug, thingsboard, thingsboardGateway] },
  { name: "Scripts and files", guides: [anyMqtt, curl, mosquitto, python, greenButton] },
];

export const guides: readonly Guide[] = families.flatMap((family) => family.guides);

export const guideOf = (id: unknown): Guide | undefined => guides.find((guide) => guide.id === id);

/** The families with the guides that have all words of `search` in them; families without any are left out. */
export function familiesWith(search: string): Family[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  return families
    .map(({ name, guides }) => ({ name, guides: guides.filter((guide) => hasAll(`${name} ${textOf(guide)}`, words)) }))
    .filter((family) => family.guides.length > 0);
}

const textOf = ({ name, about, words = "" }: Guide) => `${name} ${about} ${words}`;

const hasAll = (text: string, words: readonly string[]) => words.every((word) => fold(text).includes(word));

const fold = (text: string) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
