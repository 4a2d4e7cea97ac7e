import type { ActionFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { readForm } from "../components/read-form.server.ts";
import { announce } from "../import/announce.server.ts";

/** The browser is about to send a file: where to. */
export async function action({ request, params }: ActionFunctionArgs) {
  const member = await requireSite(request, params["siteId"], "history.import");
  return Response.json(await announce(member, await readForm(request)));
}
