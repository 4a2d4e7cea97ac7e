import { findBearer } from "../../db/access-tokens.ts";
import { identityOfDevice, type Identity } from "../../db/identities.ts";
import { isUuid } from "../../db/client.ts";
import type { HttpAnswer, Message } from "../../domain/device/device.ts";
import { problem } from "../../domain/device/answer.ts";
import type { Identify } from "../identify.ts";

/**
 * A program that has no device's credential but an API key (or an access token) with the scope `ingest`: it names the device, or
 * the gateway, that it speaks for, as POST /api/v1/readings?deviceId=…
 */
export type Keyed = { ok: true; identity: Identity } | { ok: false; answer: HttpAnswer };

const path = "/api/v1/readings";

/** null: it is sent with a device's own credential, or with none. @throws TooManyFailures */
export async function sentWithKey(
  message: Message,
  { to, from, identify }: { to: string; from: string; identify: Identify },
): Promise<Keyed | null> {
  const [, secret] =
    /^bearer +(ek_\S{1,200}|[^\s.]+\.[^\s.]+\.[^\s.]+) *$/i.exec(message.headers?.authorization ?? "") ?? [];
  if (to !== path || !secret || secret.length > 2_000) return null;
  const { key } = await identify.slowly(from, secret, async () => {
    const found = await findBearer(secret);
    return { key: found, ok: found !== null, reason: "unknown-key" };
  });
  if (!key) return refused(401, "The API key or access token is unknown, was revoked, or has expired.");
  if (!key.scopes.includes("ingest")) return refused(403, "The API key may not do this: it lacks the scope ingest.");
  const deviceId = new URLSearchParams(message.query ?? "").get("deviceId");
  if (!deviceId) return refused(400, "Say whose readings these are: ?deviceId= and the id of a device or a gateway.");
  const identity = isUuid(deviceId) ? await identityOfDevice(deviceId) : null;
  const isTheirs = identity?.organizationId === key.organizationId && (key.siteIds?.includes(identity.siteId) ?? true);
  if (!identity || !isTheirs) return refused(404, "There is no device with this id that has a credential of its own.");
  return { ok: true, identity };
}

const refused = (status: number, detail: string): Keyed => ({ ok: false, answer: problem(status, detail) });
