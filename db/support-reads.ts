import { recordRead } from "./audit.ts";

/**
 * What somebody who looks in for support reads is an entry of the organization's log: each page (or file, or stream) once a minute,
 * for a page asks for its parts separately and looks again by itself. Remembered by process: several write one entry each.
 */
const forMs = 60_000;
const mostRemembered = 10_000;
const readAt = new Map<string, number>();

/** Written down before anything is read. @throws where it cannot be, so that nothing is read unseen. */
export async function recordSupportRead(
  organizationId: string,
  { userId, path }: { userId: string; path: string },
): Promise<void> {
  const nowMs = Date.now();
  const key = `${organizationId} ${userId} ${path}`;
  if (nowMs - (readAt.get(key) ?? -Infinity) < forMs) return;
  if (readAt.size >= mostRemembered) readAt.clear();
  await recordRead(organizationId, { action: "support.read", objectType: "support", objectName: path });
  readAt.set(key, nowMs);
}
