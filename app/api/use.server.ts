import type { UserWorth } from "../flows/flow-worth.server.ts";
import { z } from "./zod.server.ts";

/** What somebody's energy cost and emitted, as the flows and the usage say it. */
export const UseSchema = z
  .object({
    gridKwh: z.number().min(0).openapi({ description: "In the meter's unit, where it is gas or water" }),
    sunKwh: z.number().min(0),
    batteryKwh: z.number().min(0),
    cost: z.string().nullable().openapi({
      description: "Its share of what came from the grid into the house, decimal, not rounded; null: no contract holds",
    }),
    savedCost: z
      .string()
      .nullable()
      .openapi({ description: "What its energy of the sun and the battery would have cost" }),
    emittedKg: z.number().min(0).nullable().openapi({ description: "CO2 of electricity; null: not known" }),
  })
  .nullable()
  .openapi("Use", {
    description:
      "Where somebody's energy came from, and what it cost and emitted, parts included. In each quarter-hour all have the same mix of grid, sun and battery. null: nothing was used, or it is no consumer",
  });

export function shownUse(use: UserWorth | null) {
  if (!use) return null;
  const { gridKwh, sunKwh, batteryKwh, cost, saved: savedCost, emittedKg } = use;
  return { gridKwh, sunKwh, batteryKwh, cost, savedCost, emittedKg };
}
