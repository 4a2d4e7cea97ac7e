import { Webhook } from "standardwebhooks";

/**
 * Signing by Standard Webhooks 1.0: HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, as `v1,{base64}`. A secret is
 * `whsec_` and the base64 of 32 random bytes.
 */
export const secretBytes = 32;

/** @param random `secretBytes` bytes of chance. */
export function makeWebhookSecret(random: Uint8Array): string {
  if (random.length !== secretBytes) throw new Error(`a webhook's secret has ${secretBytes} bytes`);
  return `whsec_${btoa(String.fromCharCode(...random))}`;
}

/** A secret and until when it signs, epoch milliseconds; null: it is the one in force. */
export interface WebhookSecret {
  secret: string;
  untilMs: number | null;
}

/** So long the secret before signs beside the new one, for receivers to change over. */
export const oldSecretMs = 24 * 3_600_000;

/** A new secret in place of the one in force, which signs for a day more. What was before that signs no more. */
export const rotated = (secrets: readonly WebhookSecret[], secret: string, nowMs: number): WebhookSecret[] => [
  { secret, untilMs: null },
  ...secrets.filter(({ untilMs }) => untilMs === null).map((old) => ({ ...old, untilMs: nowMs + oldSecretMs })),
];

/** The headers that a receiver verifies: one signature for each secret that signs at this moment. */
export function signedHeaders(
  secrets: readonly WebhookSecret[],
  { id, body, nowMs }: { id: string; body: string; nowMs: number },
): Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string> {
  const at = new Date(nowMs);
  const signing = secrets.filter(({ untilMs }) => untilMs === null || untilMs > nowMs);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(nowMs / 1000)),
    "webhook-signature": signing.map(({ secret }) => new Webhook(secret).sign(id, at, body)).join(" "),
  };
}
