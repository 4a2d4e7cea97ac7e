import { park } from "../db/parked.ts";
import type { Identity } from "../db/identities.ts";
import type { Message } from "../domain/device/device.ts";
import type { DecodedMessage } from "../domain/device/registry.ts";

/**
 * Messages that cannot be understood yet are kept, not lost: those that overtook their announcement, and those of no known
 * format, for which a person may say later what they mean.
 */
const secondMs = 1_000;
const dayMs = 86_400_000;

/** How long a message that can be read without its announcement waits for it. */
export const softWaitMs = 10 * secondMs;
/** How long one that cannot be read at all waits: a gateway that is asked announces itself at once, others with their next start. */
const hardWaitMs = 7 * dayMs;
const mappingWaitMs = 30 * dayMs;

/** What a message of no known format waits for; an empty one for nothing. */
export function unknownFormatWaits({ payload }: Message): string | undefined {
  return payload.length > 0 ? "a format or a mapping, chosen on the device's page" : undefined;
}

/** Parks it durably. false: too much of this device waits already. */
export function parkMessage(
  { deviceId }: Identity,
  message: Message,
  decoded: DecodedMessage,
  awaits: string,
): Promise<boolean> {
  const { transport, topic, retain, method, path, query, headers, receivedAtMs, payload } = message;
  const isSoft = decoded.readings.length > 0;
  const waitMs = decoded.format === null ? mappingWaitMs : hardWaitMs;
  return park({
    deviceId,
    format: decoded.format,
    awaits,
    receivedAtMs,
    takeAtMs: isSoft ? Date.now() + softWaitMs : null,
    expiresAtMs: Date.now() + waitMs,
    envelope: { transport, topic, retain, method, path, query, headers: headers && withoutSecrets(headers) },
    payload,
  });
}

function withoutSecrets({ authorization: _, cookie: __, ...headers }: Record<string, string>): Record<string, string> {
  return headers;
}
