/**
 * What Home Assistant is told about an entity apart from its value: unit, device class, state class. ESPHome announces it in
 * discovery messages, statestream on sibling topics; both keep it here. Worked: unit "Wh", state class
 * "total_increasing" and the value 5123.7 is a counter of 5.1237 kWh.
 * Sources: home-assistant/core components/sensor/const.py (device classes, state classes), mqtt/abbreviations.py.
 */
import { conversionOf, convert } from "../units.ts";
import type { DecoderState } from "./device.ts";
import { isObject } from "./payload.ts";

export interface Announced {
  unit?: string;
  deviceClass?: string;
  stateClass?: string;
  /** Statestream: the last attribute came, nothing more is to be expected. */
  isComplete?: boolean;
}

/** Bounds of a state: who announces more is no home, and the state is read and written with every announcement. */
const mostEntities = 2000;
const longestKey = 200;
const longestText = 100;

export function announcedOf(state: DecoderState | undefined, entity: string): Announced | undefined {
  const entities = state?.entities;
  if (!isObject(entities) || !Object.hasOwn(entities, entity)) return undefined;
  const known = entities[entity];
  return isObject(known) ? known : undefined;
}

/**
 * The state in which `entity` has these words; undefined values are left out, and null forgets the entity. Undefined:
 * nothing changes, or there is no room for another entity.
 */
export function remember(
  state: DecoderState | undefined,
  entity: string,
  announced: Announced | null,
): DecoderState | undefined {
  const entities = isObject(state?.entities) ? state.entities : {};
  const known = announcedOf(state, entity);
  if (announced === null) {
    if (!known) return undefined;
    const { [entity]: _forgotten, ...rest } = entities;
    return { entities: rest };
  }
  const next = cut(announced);
  if (known ? isSame(known, next) : !hasRoom(entities, entity)) return undefined;
  return { entities: { ...entities, [entity]: next } };
}

function cut({ unit, deviceClass, stateClass, isComplete }: Announced): Announced {
  return {
    ...(typeof unit === "string" && { unit: unit.slice(0, longestText) }),
    ...(typeof deviceClass === "string" && { deviceClass: deviceClass.slice(0, longestText) }),
    ...(typeof stateClass === "string" && { stateClass: stateClass.slice(0, longestText) }),
    ...(isComplete === true && { isComplete }),
  };
}

function isSame(a: Announced, b: Announced): boolean {
  const isSameClass = a.deviceClass === b.deviceClass && a.stateClass === b.stateClass;
  return isSameClass && a.unit === b.unit && a.isComplete === b.isComplete;
}

function hasRoom(entities: object, entity: string): boolean {
  return entity.length <= longestKey && entity !== "__proto__" && Object.keys(entities).length < mostEntities;
}

/** Device classes whose values can only be registers, whether their state class came or not. */
const registers = new Set(["energy", "gas", "water"]);

export function kindOf({ deviceClass, stateClass }: Announced): "gauge" | "counter" {
  if (typeof stateClass === "string") return stateClass.startsWith("total") ? "counter" : "gauge";
  return deviceClass !== undefined && registers.has(deviceClass) ? "counter" : "gauge";
}

/** The number in its canonical unit; a unit that we have no word for (lx, ppm) is null, the number stays as it is. */
export function measured(value: number, { unit, deviceClass }: Announced): { value: number; unit: string | null } {
  const isFactor = deviceClass === "power_factor";
  const conversion = typeof unit === "string" ? conversionOf(unit) : undefined;
  if (isFactor) return { value: conversion?.canonical === "%" ? value / 100 : value, unit: "1" };
  if (!conversion) return { value, unit: null };
  return { value: convert(value, conversion), unit: conversion.canonical };
}
