import { isPlatformAdmin } from "../../db/platform.ts";
import { checkOrigin, requireUser } from "../auth/require-member.server.ts";
import type { User } from "../auth/session.server.ts";

/**
 * Somebody who runs the platform. Who has switched on two-factor login has passed it: there is no session without it.
 * @throws Response 404 for everybody else: that there is such a page is not theirs to know.
 */
export async function requirePlatformAdmin(request: Request): Promise<User> {
  const user = await requireUser(request);
  if (!(await isPlatformAdmin(user.id))) throw new Response("Not found", { status: 404 });
  if (request.method !== "GET") checkOrigin(request);
  return user;
}
