import type { ActionFunctionArgs } from "@remix-run/node";
import { putChunk } from "../../db/imports.ts";
import { bytesOf } from "../api/request.server.ts";
import { Problem } from "../api/problem.server.ts";
import { requireImport } from "../import/require-import.server.ts";

/** A piece of a file, counted from 0. */
export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, row } = await requireImport(request, params);
  try {
    const bytes = await bytesOf(request);
    const put = await putChunk(organizationId, { importId: row.id, number: Number(params["number"]), bytes });
    return new Response(null, { status: put === "ok" ? 204 : 409 });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return new Response(error.message, { status: error.status });
  }
}
