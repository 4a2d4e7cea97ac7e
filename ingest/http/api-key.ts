import { findBearer } from "../../db/access-tokens.ts";
import { identityOfDevice, type Identity } from "../../db/identities.ts";
import { isUuid } from "../../db/client.ts";
import type { HttpAnswer, Message } from "../../domain/device/device.ts";
import { problem } from "../../domain/device/answer.ts";
import { log } from "../../platform/log.ts";
import { strangers } from "../../platform/strangers.ts";
import { TooManyFailures } from "../identify.ts";

/**
 * A program that has no device's credential but an API key (or an access token) with the scope `ingest`: it names the device, or
 * the gateway, that it speaks for, as POST /api/v1/readings?deviceId=…
 */
export type Keyed = { ok: true; identity: Identity } | { ok: false; answer: HttpAnswer };

const path = "/api/v1/readings";

/** null: it is sent with a device's own credential, or with none. @throws TooManyFailures */
export async function sentWithKey(message: Message, to: string, from: string): Promise<Keyed | null> {
  const [, secret] =
    /^bearer +(ek_\S{1,200}|[^\s.]+\.[^\s.]+\.[^\s.]+) *$/i.exec(message.headers?.authorization ?? "") ?? [];
  if (to !== path || !secret || secret.length > 2_000) return null;
  const waitS = await strangers.waitS(from, secret);
  if (waitS > 0) throw new TooManyFailures(waitS);
  const key = await findBearer(secret);
  if (key) strangers.passed(secret);
  else if (await strangers.failed(from, secret)) log.info({ from, reason: "unknown-key" }, "a sender was refused");
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
