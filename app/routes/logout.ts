import { redirect, type ActionFunctionArgs } from "@remix-run/node";
import { checkOrigin } from "../auth/require-member.server.ts";
import { stopSession } from "../auth/session.server.ts";

export const loader = () => redirect("/");

export async function action({ request }: ActionFunctionArgs) {
  checkOrigin(request);
  return redirect("/login", { headers: { "set-cookie": await stopSession(request) } });
}
