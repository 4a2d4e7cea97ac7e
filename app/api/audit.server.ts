import { auditPage, recordRead, textDays } from "../../db/audit.ts";
import { afterNumber, cursorOfNumber } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { instantIn, instantOut, listOf, listPaging } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

const values = z
  .record(z.string(), z.unknown())
  .nullable()
  .openapi({ type: "object", description: "Columns and their values; secrets are not shown" });

const AuditEventSchema = z
  .object({
    id: z.number().int(),
    time: instantOut,
    action: z.string().openapi({ example: "device.changed" }),
    objectType: z.string(),
    objectId: z.string().nullable(),
    objectName: z.string().nullable().openapi({ description: "As it was called then" }),
    actor: z.enum(["person", "key", "device", "job", "command", "system"]),
    actorId: z.string().nullable(),
    actorName: z.string().nullable(),
    session: z.string().nullable(),
    address: z.string().nullable(),
    agent: z.string().nullable(),
    request: z.string().nullable().openapi({ description: "The same for all that one request changed" }),
    before: values,
    after: values,
  })
  .openapi("AuditEvent");

const word = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !text.includes("\0"), "expected a text without NUL");
const ms = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));

export const auditOperations = [
  operation({
    id: "listAuditEvents",
    method: "GET",
    path: "/audit",
    tag: "Organization",
    summary: "Who did what to what, from where, before and after; newest first",
    permission: "audit.read",
    query: z.strictObject({
      who: word.optional().openapi({ description: "A part of the actor's name, or their id" }),
      action: word.optional().openapi({ description: "An action or its beginning", example: "device." }),
      object: word.optional().openapi({ description: "A kind of object, an object's id, or a part of its name" }),
      text: word.optional().openapi({
        description: `Anywhere in the entry, its values before and after included; in the ${textDays} days up to \`to\` (or now)`,
      }),
      from: instantIn.optional().openapi({ description: "Inclusive" }),
      to: instantIn.optional().openapi({ description: "Exclusive" }),
      ...listPaging,
    }),
    response: listOf(AuditEventSchema),
    async handle({ organizationId, query: { from, to, limit, cursor, ...filter } }) {
      const before = afterNumber(cursor);
      // Whoever takes the log away is in it, once for all its pages.
      if (before === null)
        await recordRead(organizationId, {
          ...{ action: "audit.exported", objectType: "audit", details: { format: "api", ...filter, from, to } },
        });
      const page = await auditPage(organizationId, { ...filter, fromMs: ms(from), toMs: ms(to) }, { before, limit });
      return {
        items: page.items.map(({ at, ...event }) => ({ ...event, time: at.toISOString() })),
        nextCursor: cursorOfNumber(page.next),
      };
    },
  }),
];
