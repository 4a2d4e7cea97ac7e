import { placeMeter, type PlaceFault } from "../../db/meters.ts";
import { readMeterId, virtualMeter, type MeterId } from "../../domain/site/meter.ts";
import { notFound, Problem } from "./problem.server.ts";
import { z } from "./zod.server.ts";

/**
 * The place of a meter as the API writes it. A channel is its id ("12"), a virtual meter v and its number ("v3"); in formulas a
 * channel is "c12".
 */
export const apiMeterId = (id: MeterId): string => id.replace(/^c/, "");
export const fromApiMeterId = (text: string): MeterId | null =>
  readMeterId(/^\d/.test(text) ? `c${text}` : text)?.id ?? null;

const parentId = z
  .string()
  .refine(
    (text) => fromApiMeterId(text) !== null,
    'expected the id of a channel such as "12", or of a virtual meter such as "v3"',
  )
  .nullable()
  .openapi({
    description: "The meter of the same site that measures this one too: a channel, or a virtual meter (v3)",
  });
const groupId = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, "expected the id of a group")
  .nullable()
  .openapi({ description: "The group (room) that it is summed in" });

export const placeFields = { parentId, groupId };

interface Placed {
  parentId: number | null;
  parentVirtualId: number | null;
  groupId: number | null;
}

export const shownPlace = (row: Placed) => ({
  parentId:
    row.parentVirtualId !== null
      ? virtualMeter(row.parentVirtualId)
      : row.parentId === null
        ? null
        : String(row.parentId),
  groupId: row.groupId === null ? null : String(row.groupId),
});

/** Puts a meter where the patch says. @throws Problem 400 with the field, 404 */
export async function place(
  organizationId: string,
  siteId: string,
  id: MeterId,
  patch: { parentId?: string | null | undefined; groupId?: string | null | undefined },
): Promise<void> {
  if (patch.parentId === undefined && patch.groupId === undefined) return;
  const placed = await placeMeter(organizationId, siteId, id, {
    parentId: patch.parentId == null ? patch.parentId : fromApiMeterId(patch.parentId),
    groupId: patch.groupId == null ? patch.groupId : Number(patch.groupId),
  });
  if (!placed.ok) throw refusalOf(placed, id);
}

function refusalOf(fault: PlaceFault, id: MeterId): Problem {
  const refused = (path: string, message: string) =>
    new Problem(400, `The meter cannot be put there: ${message}.`, { errors: [{ path, message }] });
  switch (fault.reason) {
    case "no-meter":
      return id.startsWith("c")
        ? refused("parentId", "expected a channel with amounts: a register, or power")
        : notFound("virtual meter");
    case "no-parent":
      return refused("parentId", "there is no meter with this id at its site");
    case "no-group":
      return refused("groupId", "there is no group with this id at its site");
    case "other-medium":
      return refused("parentId", "expected a meter of the same medium and unit");
    case "circle":
      return refused("parentId", `it would be a circle: ${fault.names.join(" → ")}`);
  }
}
