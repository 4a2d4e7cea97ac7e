import type { LoaderFunctionArgs } from "@remix-run/node";
import { conditional } from "../api/conditional.server.ts";
import { jsonWebKeySet } from "../../db/access-tokens.ts";
import { notAvailable } from "../auth/session.server.ts";

/** What access tokens are verified with (RFC 7517): open to anybody. @throws Response 503 while the database is gone. */
export async function loader({ request }: LoaderFunctionArgs) {
  const keys = await jsonWebKeySet().catch(notAvailable);
  // A new key signs at once, so nobody may hold on to this for long; who meets an unknown kid asks again.
  const headers = { "cache-control": "public, max-age=60", "access-control-allow-origin": "*" };
  return conditional(request.headers, JSON.stringify(keys), headers);
}
