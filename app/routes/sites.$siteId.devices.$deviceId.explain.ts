import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireDevice } from "../auth/require-device.server.ts";
import { explain, longestWindowMs } from "../corrections/explain.server.ts";
import { requireChannel } from "../device/chosen.server.ts";

const perPage = 200;

/** Why a bar is what it is: `from` and `to` of its step, `start` of the page; epoch milliseconds. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, device } = await requireDevice(request, params);
  const query = new URL(request.url).searchParams;
  const channel = await requireChannel(organizationId, device.id, query.get("channel"));
  const [fromMs, toMs] = [Number(query.get("from")), Number(query.get("to"))];
  const startMs = Math.max(fromMs, Number(query.get("start") ?? fromMs));
  if (!(fromMs >= 0 && toMs > fromMs && toMs - fromMs <= longestWindowMs && startMs < toMs) || channel.kind === "state")
    throw new Response("expected from and to, at most 400 days apart", { status: 400 });
  const found = await explain(organizationId, channel, { fromMs, toMs, startMs, limit: perPage });
  if (!found) throw new Response("Not found", { status: 404 });
  return found;
}
