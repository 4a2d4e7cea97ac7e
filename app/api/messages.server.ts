import { deviceMessages } from "../../db/device-messages.ts";
import { saveMapping } from "../../db/mapping.ts";
import { cut } from "./cursor.server.ts";
import { deviceParams, DeviceSchema, requiredDevice, shownDevice } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { Problem } from "./problem.server.ts";
import { instantOut, iso, isStorable, listOf, listPaging } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

/** A device's newest messages, and what its numbers are. */

const MessageSchema = z
  .object({
    receivedAt: instantOut,
    transport: z.enum(["mqtt", "http"]),
    address: z.string().openapi({ description: "Topic, or method and path" }),
    payload: z.string().openapi({ description: "Cut where it is long" }),
    format: z.string().nullable().openapi({ description: "As what it was read; null: as nothing that is known" }),
    readings: z.array(
      z.object({
        device: z.string(),
        metric: z.string(),
        value: z.union([z.number(), z.boolean(), z.string()]),
        unit: z.string().nullable(),
        kind: z.string(),
        time: z.string().nullable().openapi({ description: "Its own; null: that of its arrival" }),
      }),
    ),
    refusals: z.array(z.object({ reason: z.string(), detail: z.string() })),
  })
  .openapi("Message");

const map = z
  .record(z.string().max(200), z.string().max(200))
  .refine((given) => Object.keys(given).length <= 200, "expected at most 200 lines")
  .refine(isStorable, "expected texts without the character 0")
  .openapi({
    type: "object",
    description: "By the number's path in the payload: `metric[:unit[:kind]]`",
    example: { "meter.total": "energy.import:kWh:counter" },
  });

export const messageOperations = [
  operation({
    id: "listMessages",
    method: "GET",
    path: "/devices/{id}/messages",
    tag: "Devices",
    summary: "The last few messages of a device and what became of them, newest first",
    permission: "site.read",
    params: deviceParams,
    query: z.strictObject(listPaging),
    response: listOf(MessageSchema),
    async handle({ organizationId, params: { id }, query }) {
      await requiredDevice(organizationId, id);
      const messages = await deviceMessages(organizationId, id);
      const { items, nextCursor } = cut(messages, query, ({ receivedMs }) => String(receivedMs));
      return { items: items.map(({ receivedMs, ...one }) => ({ receivedAt: iso(receivedMs), ...one })), nextCursor };
    },
  }),
  operation({
    id: "putMapping",
    method: "PUT",
    path: "/devices/{id}/mapping",
    tag: "Devices",
    summary: "Say what the numbers of a payload of one's own making are",
    description:
      "It holds from the next message on and for those that waited; values that were kept under their own names go along.",
    permission: "device.change",
    params: deviceParams,
    body: z.strictObject({ map }).openapi("DeviceMapping"),
    response: DeviceSchema,
    async handle({ organizationId, params: { id }, body: { map } }) {
      const device = await requiredDevice(organizationId, id);
      const saved = await saveMapping(organizationId, id, { ...device.config, map });
      if (!saved.ok) {
        throw new Problem(400, `The map cannot be saved: ${saved.error}.`, {
          errors: [{ path: "map", message: saved.error }],
        });
      }
      return shownDevice(await requiredDevice(organizationId, id));
    },
  }),
];
