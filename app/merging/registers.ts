import type { Registers } from "../../db/merge.ts";

export const lastField = (channelId: number) => `final-${channelId}`;
export const firstField = (channelId: number) => `first-${channelId}`;

export type ReadRegisters = { ok: true; registers: Map<number, Registers> } | { ok: false; error: string };

/** What a person read off the two registers, by the channel that goes on; an empty field was not read. */
export function readRegisters(form: { get(name: string): unknown }, channelIds: readonly number[]): ReadRegisters {
  const registers = new Map<number, Registers>();
  for (const id of channelIds) {
    const finalValue = readRegister(form.get(lastField(id)));
    const firstValue = readRegister(form.get(firstField(id)));
    if (finalValue === undefined || firstValue === undefined)
      return {
        ok: false,
        error: "Write what a register showed as a number, such as 48211.4, or leave the field empty.",
      };
    registers.set(id, { finalValue, firstValue });
  }
  return { ok: true, registers };
}

/** null: empty; undefined: no number. A decimal comma is one too. */
function readRegister(given: unknown): number | null | undefined {
  const text = typeof given === "string" ? given.trim() : "";
  if (!text) return null;
  return /^\d{1,12}([.,]\d{1,6})?$/.test(text) ? Number(text.replace(",", ".")) : undefined;
}
