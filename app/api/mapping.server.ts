import { deviceMessages } from "../../db/device-messages.ts";
import { kinds } from "../../domain/channel.ts";
import { mappingLines } from "../device-setup/mapping.server.ts";
import { deviceParams, requiredDevice } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { z } from "./zod.server.ts";

/** What the numbers of a payload of one's own making are said to be, or most likely are. */

const MappingSchema = z
  .object({
    lines: z.array(
      z.object({
        path: z.string().openapi({ description: "Where the number is in the payload" }),
        value: z.number().openapi({ description: "The newest one, as it was sent" }),
        metric: z.string(),
        unit: z.string().openapi({ description: "Empty: not known" }),
        kind: z.enum(kinds),
        certainty: z
          .enum(["said", "fits", "guess", "unknown"])
          .openapi({ description: "said: its name says it; fits: physics says it; guess: it usually is so" }),
        because: z.string(),
        isTaken: z.boolean().openapi({ description: "It is kept, or would be where nothing was said yet" }),
        isSaid: z.boolean().openapi({ description: "It is what was said; else it is a proposal" }),
      }),
    ),
  })
  .openapi("DeviceMappingLines");

export const mappingOperations = [
  operation({
    id: "getMapping",
    method: "GET",
    path: "/devices/{id}/mapping",
    tag: "Devices",
    summary: "The numbers of a device's newest messages: what was said of each, or a proposal",
    description: "At most 100. Send those that are right with `PUT`, as `metric:unit:kind` by their path.",
    permission: "site.read",
    params: deviceParams,
    response: MappingSchema,
    async handle({ organizationId, params: { id } }) {
      const device = await requiredDevice(organizationId, id);
      return { lines: mappingLines(await deviceMessages(organizationId, id), device.config) };
    },
  }),
];
