import type { ChannelPatch } from "../../db/channels.ts";
import {
  kinds,
  media,
  quantities,
  roles,
  type Kind,
  type Medium,
  type Quantity,
  type Role,
} from "../../domain/channel.ts";
import { canonicalUnits, conversionOf } from "../../domain/units.ts";

export type ChannelChange = { ok: true; patch: ChannelPatch } | { ok: false; error: string };

/** Reads the form with which a person corrects a channel. The unit is the sender's; what is stored is scaled when it is read. */
export function readChannelChange(form: FormData): ChannelChange {
  const role = roles.find((name): name is Role => name === form.get("role"));
  const quantity = quantities.find((name): name is Quantity => name === form.get("quantity"));
  const kind = kinds.find((name): name is Kind => name === form.get("kind"));
  const medium = media.find((name): name is Medium => name === form.get("medium"));
  if (!role || !quantity || !kind || !medium) {
    return { ok: false, error: "Choose a role, a quantity, a medium and a kind from the lists." };
  }
  const name = String(form.get("name") ?? "")
    .trim()
    .slice(0, 100);
  const unit = unitPatch(quantity, String(form.get("sourceUnit") ?? "").trim());
  if (!unit.ok) return unit;
  return {
    ok: true,
    patch: { name, role, quantity, medium, kind, isPrimary: form.get("isPrimary") === "on", ...unit.patch },
  };
}

/** The canonical unit of a quantity with the scale that brings a sender's unit to it. Empty: the canonical one. */
export function unitPatch(quantity: Quantity, sourceUnit: string): ChannelChange {
  const canonical = canonicalUnits[quantity];
  if (!sourceUnit || sourceUnit === canonical)
    return { ok: true, patch: { unit: canonical ?? (sourceUnit || null), scale: 1, shift: 0, unitAssumed: false } };
  if (!canonical) return { ok: true, patch: { unit: sourceUnit.slice(0, 20), scale: 1, shift: 0, unitAssumed: false } };
  const conversion = conversionOf(sourceUnit);
  if (!conversion || conversion.canonical !== canonical) {
    return {
      ok: false,
      error: `${sourceUnit} is no unit of ${quantity.replace("_", " ")}: write ${canonical} or a unit that converts to it.`,
    };
  }
  return {
    ok: true,
    patch: {
      unit: canonical,
      scale: conversion.multiply / conversion.divide,
      shift: conversion.add,
      unitAssumed: false,
    },
  };
}
