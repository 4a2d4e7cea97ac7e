import type { ActionFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { media } from "../../domain/channel.ts";
import { parseJson } from "../api/request.server.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { previewBill } from "../contracts/preview.server.ts";

const asked = z.object({
  tariff: z.unknown(),
  medium: z.enum(media).exclude(["none"]),
  channelId: z.int().nullable(),
  contractId: z.uuid().nullable(),
});
const mostBytes = 500_000;

/** The bill of a tariff that is being edited: changes nothing, so whoever sees the site may ask. */
export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const text = await request.text();
  if (text.length > mostBytes) throw new Response(`At most ${mostBytes} bytes.`, { status: 413 });
  const parsed = asked.safeParse(jsonOf(text));
  if (!parsed.success) throw new Response(z.prettifyError(parsed.error), { status: 400 });
  return Response.json(await previewBill(organizationId, site, parsed.data, Date.now()));
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new Response("JSON is expected.", { status: 400 });
  }
}
