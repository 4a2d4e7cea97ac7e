import { isPlatformAdmin } from "../../db/platform.ts";
import { getAccount } from "../../db/account.ts";
import { checkOrigin, lackingSecondFactor, requireUser } from "../auth/require-member.server.ts";
import type { User } from "../auth/session.server.ts";

/**
 * Somebody who runs the platform, with a second factor: they have passed it, there is no session without it.
 * @throws Response 404 for everybody else: that there is such a page is not theirs to know. Without a second factor they are led to
 * where it is set up.
 */
export async function requirePlatformAdmin(request: Request): Promise<User> {
  const user = await requireUser(request);
  if (!(await isPlatformAdmin(user.id))) throw new Response("Not found", { status: 404 });
  if (!(await getAccount(user.id)).hasTwoFactor) lackingSecondFactor(request);
  if (request.method !== "GET") checkOrigin(request);
  return user;
}
