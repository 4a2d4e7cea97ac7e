import type { LoaderFunctionArgs } from "@remix-run/node";
import { recordRead } from "../../db/audit.ts";
import { exportBytes, finishedExport } from "../../db/exports.ts";
import { streamOf } from "../audit/download.server.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { csvFileName } from "../charts/csv.ts";

/** The file of an export, a chunk in memory at a time. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, organization } = await requireOrganization(request, "organization.export");
  const row = await finishedExport(organizationId, params["exportId"] ?? "");
  if (!row) throw new Response("Not found", { status: 404 });
  await recordRead(organizationId, {
    ...{ action: "export.fetched", objectType: "export", objectId: row.id, details: { bytes: row.size } },
  });
  const fileName = csvFileName(organization, row.createdAt.toISOString().slice(0, 10)).replace(/csv$/, "zip");
  return new Response(streamOf(exportBytes(organizationId, row.id)), {
    headers: {
      "content-type": "application/zip",
      "content-length": String(row.size),
      "content-disposition": `attachment; filename="${fileName}"`,
      "cache-control": "no-store",
    },
  });
}
