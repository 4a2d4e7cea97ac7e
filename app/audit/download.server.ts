import { AsyncResource } from "node:async_hooks";
import { recordRead, auditEvents, type AuditEvent, type AuditFilter } from "../../db/audit.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { csvRow } from "../charts/csv.ts";
import { zoneOf } from "../organization/zone.server.ts";
import { asAuditFilter, readFilter } from "./filter.ts";

export type AuditFormat = "csv" | "jsonl";

const header = [
  ...["id", "time", "actor", "actor_id", "actor_name", "action", "object_type", "object_id", "object_name", "address"],
  ...["agent", "session", "request", "before", "after"],
];

/** A spreadsheet's file: texts that it would take for formulas are made harmless (app/charts/csv.ts). */
function csvLine(event: AuditEvent): string {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  return csvRow([
    ...[event.id, event.at.toISOString(), event.actor, event.actorId, event.actorName, event.action],
    ...[event.objectType, event.objectId, event.objectName, event.address, event.agent, event.session, event.request],
    ...[json(event.before), json(event.after)],
  ]);
}

const forms = {
  csv: { type: "text/csv; charset=utf-8", head: csvRow(header), line: csvLine },
  jsonl: { type: "application/jsonl", head: "", line: (event: AuditEvent) => `${JSON.stringify(event)}\n` },
};

/** The entries that fit the address' filter as a file, newest first. That somebody took them is an entry itself. */
export async function downloadAudit(request: Request, format: AuditFormat): Promise<Response> {
  const { organizationId } = await requireOrganization(request, "audit.read");
  const texts = readFilter(new URL(request.url).searchParams);
  const filter = asAuditFilter(texts, await zoneOf(organizationId));
  await recordRead(organizationId, { action: "audit.exported", objectType: "audit", details: { format, ...texts } });
  const { type, head, line } = forms[format];
  return new Response(streamOf(linesOf(organizationId, filter, head, line)), {
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="audit-log.${format}"`,
      "cache-control": "no-store",
    },
  });
}

async function* linesOf(
  organizationId: string,
  filter: AuditFilter,
  head: string,
  line: (event: AuditEvent) => string,
): AsyncGenerator<Uint8Array> {
  if (head) yield Buffer.from(head);
  let text = "";
  for await (const event of auditEvents(organizationId, filter)) {
    text += line(event);
    if (text.length < 65_536) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text) yield Buffer.from(text);
}

/** Read as fast as it is taken, and as who asked for it: a socket that wants more knows nothing of the request. */
export function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  const next = AsyncResource.bind(() => pieces.next());
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}
