import type { Guide } from "./guide.ts";
import { curl, homeAssistant, telegraf } from "./http-guides.ts";
import { esphome, mosquitto, shelly, tasmota, zigbee2mqtt } from "./mqtt-guides.ts";

/** All that can be connected by pasting something, the commonest first. */
export const guides: readonly Guide[] = [
  tasmota,
  shelly,
  homeAssistant,
  zigbee2mqtt,
  esphome,
  telegraf,
  curl,
  mosquitto,
];

export const guideOf = (id: unknown): Guide | undefined => guides.find((guide) => guide.id === id);
