import { recordRead } from "../../db/audit.ts";
import { exportBytes, exportDays, finishedExport, listExports, startExport, type ExportRow } from "../../db/exports.ts";
import { streamOf } from "../audit/download.server.ts";
import { cut } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { instantOut, listOf, listPaging } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

/** Everything of the organization as a file, to take along: docs/EXPORT.md says what is in it. */

const exportId = z.string().openapi({ format: "uuid" });
const params = z.object({ id: exportId });

const ExportSchema = z
  .object({
    id: exportId,
    state: z.enum(["waiting", "running", "done", "failed"]),
    error: z.string().nullable().openapi({ description: "Why it failed" }),
    written: z.number().int().openapi({ description: "Files of the archive that are written, of `files`" }),
    files: z.number().int(),
    size: z.number().int().openapi({ description: "Bytes so far" }),
    createdAt: instantOut,
    expiresAt: instantOut.nullable().openapi({ description: "When its file goes; null: it is not done" }),
  })
  .openapi("Export");

const shown = ({ createdAt, expiresAt, ...row }: ExportRow) => ({
  ...row,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
});

export const exportOperations = [
  operation({
    id: "listExports",
    method: "GET",
    path: "/exports",
    tag: "Organization",
    summary: "Exports of everything that the organization has, newest first",
    permission: "organization.export",
    query: z.strictObject(listPaging),
    response: listOf(ExportSchema),
    async handle({ organizationId, query }) {
      const { items, nextCursor } = cut(await listExports(organizationId), query, ({ id }) => id);
      return { items: items.map(shown), nextCursor };
    },
  }),
  operation({
    id: "createExport",
    method: "POST",
    path: "/exports",
    tag: "Organization",
    summary: "Begin an export of everything that the organization has",
    description: `A worker writes it; ask \`GET /exports/{id}\` how far it is. Its file can be fetched for ${exportDays} days.`,
    permission: "organization.export",
    status: 201,
    response: ExportSchema,
    problems: [409],
    location: ({ id }) => `/exports/${id}`,
    async handle({ organizationId }) {
      const begun = await startExport(organizationId, null);
      if (begun === "under-way") throw new Problem(409, "An export is being made already.");
      return shown(begun);
    },
  }),
  operation({
    id: "getExport",
    method: "GET",
    path: "/exports/{id}",
    tag: "Organization",
    summary: "How far an export is",
    permission: "organization.export",
    params,
    response: ExportSchema,
    async handle({ organizationId, params: { id } }) {
      const row = (await listExports(organizationId)).find((one) => one.id === id);
      if (!row) throw notFound("export");
      return shown(row);
    },
  }),
  operation({
    id: "fetchExport",
    method: "GET",
    path: "/exports/{id}/file",
    tag: "Organization",
    summary: "The file of an export that is done",
    permission: "organization.export",
    params,
    mediaType: "application/zip",
    async handle({ organizationId, params: { id }, streaming }) {
      const row = await finishedExport(organizationId, id);
      if (!row) throw notFound("export");
      const headers = {
        "content-type": "application/zip",
        "content-length": String(row.size),
        "content-disposition": 'attachment; filename="export.zip"',
        "cache-control": "no-store",
      };
      if (streaming.signal.aborted) return new Response(null, { headers });
      await recordRead(organizationId, {
        ...{ action: "export.fetched", objectType: "export", objectId: row.id, details: { bytes: row.size } },
      });
      return new Response(streamOf(exportBytes(organizationId, row.id)), { headers });
    },
  }),
];
