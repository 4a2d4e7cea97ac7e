import {
  cancelImport,
  chunkBytes,
  createImport,
  getImport,
  importsPage,
  largestFile,
  mostUnderWay,
  putChunk,
  startImport,
  type ImportRow,
} from "../../db/imports.ts";
import { getSite } from "../../db/sites.ts";
import { optionsSchema, type HistoryFormat, type HistoryOptions } from "../../domain/history/options.ts";
import { guessOf, unpackedHead } from "../import/guess.server.ts";
import { previewOf } from "../import/preview.ts";
import { afterRow, cursorOfRow } from "./cursor.server.ts";
import { deviceId } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { instantOut, iso, listOf, listPaging, name, timezone } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

const importId = z.string().openapi({ format: "uuid" });
const params = z.object({ id: importId });
const formats = ["csv", "influx", "phpfina", "phptimeseries", "emoncms-backup", "green-button"] as const;

const ImportSchema = z
  .object({
    id: importId,
    deviceId,
    fileName: z.string(),
    size: z.number().int(),
    chunkBytes: z.number().int().openapi({ description: "The length of each piece but the last one" }),
    state: z.enum(["uploading", "waiting", "running", "done", "failed", "cancelled"]),
    error: z.string().nullable().openapi({ description: "Why it failed" }),
    options: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({
        type: ["object", "null"],
        description: "How the file is read; null: not settled yet",
      }),
    readBytes: z.number().int(),
    stored: z.number().int(),
    refused: z.number().int(),
    ambiguous: z.number().int().openapi({
      description: "Rows in the hour that the clock shows twice: placed by their order in the file",
    }),
    from: instantOut.nullable().openapi({ description: "The oldest reading stored" }),
    to: instantOut.nullable(),
    refusals: z
      .array(z.object({ row: z.number().int(), reason: z.string() }))
      .openapi({ description: "The first 200, by row" }),
    createdAt: instantOut,
    finishedAt: instantOut.nullable(),
  })
  .openapi("Import");

const PreviewSchema = z
  .object({
    options: z
      .record(z.string(), z.unknown())
      .openapi({ type: "object", description: "To be sent to begin, as they are or changed" }),
    rows: z.array(
      z.object({
        row: z.number().int(),
        time: instantOut,
        values: z.array(
          z.object({ metric: z.string(), value: z.union([z.number(), z.string()]), unit: z.string().nullable() }),
        ),
      }),
    ),
    refusals: z.array(z.object({ row: z.number().int(), reason: z.string() })),
    error: z.string().nullable().openapi({ description: "The file as a whole cannot be read so" }),
  })
  .openapi("ImportPreview");

function shown({ firstMs, lastMs, deviceName: _, siteId: __, createdAt, finishedAt, ...row }: ImportRow) {
  return {
    ...row,
    options: row.options as Record<string, unknown> | null,
    chunkBytes,
    from: firstMs === null ? null : iso(firstMs),
    to: lastMs === null ? null : iso(lastMs),
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

async function required(organizationId: string, id: string): Promise<ImportRow> {
  const row = await getImport(organizationId, id);
  if (!row) throw notFound("import");
  return row;
}

/** What the caller says, and for the rest what the file says. @throws Problem 409 where that is not enough */
async function settled(
  organizationId: string,
  row: ImportRow,
  given: { timezone?: string | undefined; format?: HistoryFormat | undefined },
): Promise<HistoryOptions> {
  const site = await getSite(organizationId, row.siteId);
  const zone = given.timezone ?? site?.timezone ?? "UTC";
  const guess = await guessOf(organizationId, row, { timezone: zone, format: given.format });
  if (!guess.ok) throw new Problem(409, `${guess.error} Send \`options\`.`);
  return guess.options;
}

export const importOperations = [
  operation({
    id: "listImports",
    method: "GET",
    path: "/imports",
    tag: "Imports",
    summary: "The imports, oldest first",
    permission: "site.read",
    query: z.strictObject(listPaging),
    response: listOf(ImportSchema),
    async handle({ organizationId, query: { limit, cursor } }) {
      const { items, next } = await importsPage(organizationId, { after: afterRow(cursor), limit });
      return { items: items.map(shown), nextCursor: cursorOfRow(next) };
    },
  }),
  operation({
    id: "createImport",
    method: "POST",
    path: "/imports",
    tag: "Imports",
    summary: "Announce a file with a device's history; its pieces follow",
    description: `CSV, InfluxDB line protocol, emoncms feeds and backups, Green Button XML; gzip or not. At most ${largestFile / 1e6} MB, and ${mostUnderWay} imports under way. Readings are idempotent by their time: the same file again changes nothing.`,
    permission: "history.import",
    body: z
      .strictObject({ deviceId, fileName: name, size: z.number().int().min(1).max(largestFile) })
      .openapi("NewImport"),
    status: 201,
    response: ImportSchema,
    problems: [404, 409],
    location: ({ id }) => `/imports/${id}`,
    async handle({ organizationId, body }) {
      const made = await createImport(organizationId, { ...body, options: null, createdBy: null });
      if (made === "no-device") throw notFound("device");
      if (made === "too-many") throw new Problem(409, `${mostUnderWay} imports are under way already: wait for one.`);
      return shown(made);
    },
  }),
  operation({
    id: "getImport",
    method: "GET",
    path: "/imports/{id}",
    tag: "Imports",
    summary: "How far an import is, and what was refused of it",
    permission: "site.read",
    params,
    response: ImportSchema,
    handle: async ({ organizationId, params: { id } }) => shown(await required(organizationId, id)),
  }),
  operation({
    id: "putImportChunk",
    method: "PUT",
    path: "/imports/{id}/chunks/{number}",
    tag: "Imports",
    summary: "A piece of the file, counted from 0; the same piece again replaces the first",
    permission: "history.import",
    params: z.object({ id: importId, number: z.string().openapi({ type: "integer" }) }),
    takesBytes: true,
    problems: [400, 409],
    async handle({ organizationId, params: { id, number }, body }) {
      const at = /^\d{1,6}$/.test(number) ? Number(number) : -1;
      const put = await putChunk(organizationId, { importId: id, number: at, bytes: body as unknown as Uint8Array });
      if (put === "no-import") throw notFound("import");
      if (put === "not-uploading") throw new Problem(409, "The import has begun or ended: it takes no more pieces.");
      if (put === "wrong-size") {
        throw new Problem(
          400,
          `The piece has the wrong length: each has ${chunkBytes} bytes, the last one what is left.`,
        );
      }
    },
  }),
  operation({
    id: "previewImport",
    method: "GET",
    path: "/imports/{id}/preview",
    tag: "Imports",
    summary: "How an uploaded file would be read, and what its first rows become",
    permission: "site.read",
    params,
    query: z.strictObject({ format: z.enum(formats).optional(), timezone: timezone.optional() }),
    response: PreviewSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, query }) {
      const row = await required(organizationId, id);
      const options = await settled(organizationId, row, query);
      const head = await unpackedHead(organizationId, row.id);
      if (!head) throw new Problem(409, "The first piece of the file is not here.");
      const { rows, refusals, error } = previewOf(head, options);
      const shownRows = rows.map(({ row, timeMs, values }) => ({ row, time: iso(timeMs), values }));
      return { options, rows: shownRows, refusals, error };
    },
  }),
  operation({
    id: "startImport",
    method: "POST",
    path: "/imports/{id}/start",
    tag: "Imports",
    summary: "The file is complete: begin",
    description: "Without `options`, how the file is read is guessed by its beginning; `timezone` is the site's.",
    permission: "history.import",
    params,
    body: z
      .strictObject({ format: z.enum(formats), timezone, options: optionsSchema })
      .partial()
      .openapi("ImportStart"),
    response: ImportSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, body: { options, ...given } }) {
      const row = await required(organizationId, id);
      const chosen = options ?? (await settled(organizationId, row, given));
      const started = await startImport(organizationId, id, chosen);
      if (started === "not-uploading") throw new Problem(409, "The import has begun or ended already.");
      if (started !== "ok") throw new Problem(409, `The file is not complete: piece ${started.missing} is missing.`);
      return shown(await required(organizationId, id));
    },
  }),
  operation({
    id: "cancelImport",
    method: "DELETE",
    path: "/imports/{id}",
    tag: "Imports",
    summary: "End an import; what it has stored stays",
    permission: "history.import",
    params,
    problems: [409],
    async handle({ organizationId, params: { id } }) {
      await required(organizationId, id);
      if (!(await cancelImport(organizationId, id))) throw new Problem(409, "The import has ended already.");
    },
  }),
];
