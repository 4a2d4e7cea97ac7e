import type { IncomingMessage } from "node:http";
import { findCredentialByUsername, passwordOf, type Identity } from "../../db/identities.ts";
import type { HttpAnswer, Message } from "../../domain/device/device.ts";
import { isEncrypted, isUpload, parametersOf } from "../../domain/device/emoncms-request.ts";
import { unauthorizedAnswer } from "../../domain/device/registry.ts";
import { readable, type Readable } from "../decode.ts";
import type { Identified, Identify } from "../identify.ts";
import { sentWithKey } from "./api-key.ts";
import { BadRequest, readBody } from "./body.ts";
import { hideSecrets, shownCredential } from "./secrets.ts";

/** As it comes over the wire; inflated, `ingest/inflate.ts` has its own limit. */
export const largestBody = 25_000_000;
/** Of senders who are not known before their body is read (a key in the form, an encrypted body): small devices. */
export const largestUnknownBody = 64_000;

/** A request's sender and message (or what is wrong with the message); or why there is no sender, and what is answered. */
export type Sent =
  | { ok: true; identity: Identity; raw: Uint8Array; read: Readable<object> }
  | { ok: false; refused: Refused | null; answer: HttpAnswer };

export interface Sending {
  /** With the token that the message's own path leaves out. */
  path: string;
  /** The sender's address. */
  from: string;
  identify: Identify;
  /** Whether a known sender may go on now; if not, what he is told. */
  admit: (identity: Identity) => HttpAnswer | null;
}

type Refused = Identified & { ok: false };

const nobody: Refused = { ok: false, reason: "unknown-credential", deviceId: null };

/**
 * Who sends a request, and what. For nearly all, the head settles it before the body is read: nobody fills the memory from
 * outside. emoncms' senders may have the key in the form, or encrypt the body with it.
 * @throws BadRequest as `readBody` does; TooManyFailures.
 */
export async function sentBy(
  request: IncomingMessage,
  head: Message,
  { path, from, identify, admit }: Sending,
): Promise<Sent> {
  if (isEncrypted(head)) {
    const opened = await openedBy({ ...head, payload: await readBody(request, largestUnknownBody) });
    const held = opened.ok ? admit(opened.identity) : null;
    return held ? { ok: false, refused: null, answer: held } : opened;
  }
  const keyed = await sentWithKey(head, { to: path, from, identify });
  if (keyed && !keyed.ok) return { ok: false, refused: null, answer: keyed.answer };
  let identified = keyed ?? (await identifiedBy({ identify, from }, head, path));
  let raw: Uint8Array | undefined;
  if (!identified.ok && isUpload(head) && !hasKey(head)) {
    raw = await readBody(request, largestUnknownBody);
    const whole = { ...head, payload: raw };
    if (hasKey(whole)) identified = await identifiedBy({ identify, from }, whole, path);
  }
  if (!identified.ok) return { ok: false, refused: identified, answer: unauthorizedAnswer(head) };
  const { identity } = identified;
  const held = admit(identity);
  if (held) return { ok: false, refused: null, answer: held };
  raw ??= await readBody(request, largestBody).catch((error: Error) => {
    throw error instanceof BadRequest ? Object.assign(error, { deviceId: identity.deviceId }) : error;
  });
  return {
    ok: true,
    identity,
    raw,
    read: await readable({ ...head, query: hideSecrets(head.query ?? ""), payload: raw }),
  };
}

const hasKey = (message: Message) => {
  const parameters = parametersOf(message);
  return parameters.has("apikey") || parameters.has("devicekey");
};

async function identifiedBy(
  { identify, from }: Pick<Sending, "identify" | "from">,
  message: Message,
  path: string,
): Promise<Identified> {
  const shown = shownCredential(message, path);
  return shown ? identify.identify(shown, from) : nobody;
}

/** An encrypted body proves its sender: only who has the key can have made it. */
async function openedBy(message: Message): Promise<Sent> {
  let named: Identity | undefined;
  const read = await readable(message, {
    keyOf: async (username) => {
      const known = await findCredentialByUsername(username);
      if (!known || known.revoked) return null;
      named = known.identity;
      const key = await passwordOf(named.credentialId);
      return key === null ? null : { key, identity: named };
    },
  });
  if (read.ok && read.sender) return { ok: true, identity: read.sender.identity, raw: message.payload, read };
  const refused: Refused = named ? { ok: false, reason: "wrong-password", deviceId: named.deviceId } : nobody;
  return { ok: false, refused, answer: read.ok ? unauthorizedAnswer(message) : read.answer };
}
