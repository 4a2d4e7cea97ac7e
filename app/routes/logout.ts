import { redirect, type ActionFunctionArgs } from "@remix-run/node";
import { recordAtDoor } from "../../db/audit.ts";
import { checkOrigin } from "../auth/require-member.server.ts";
import { forgetPages, stopSession, userOf } from "../auth/session.server.ts";

export const loader = () => redirect("/");

export async function action({ request }: ActionFunctionArgs) {
  checkOrigin(request);
  const user = await userOf(request);
  if (user) await recordAtDoor("signed-out", { userId: user.id, email: user.email });
  return redirect("/login", { headers: { ...forgetPages, "set-cookie": await stopSession(request) } });
}
