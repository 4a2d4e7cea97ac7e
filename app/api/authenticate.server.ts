import { createHash } from "node:crypto";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { identify } from "../../db/actor.ts";
import { findApiKey, type ApiKey } from "../../db/api-keys.ts";
import type { Scope } from "../../domain/access/credential.ts";
import { Problem } from "./problem.server.ts";

/** Calls of one key to one process: bursts are welcome, a loop that has run wild is not. */
export const callsPerMinute = 6_000;
const limiter = new RateLimiterMemory({ points: callsPerMinute, duration: 60 });

/** Whose key a request carries. @throws Problem 401, 403 without the scope, 429. */
export async function authenticate(request: Request, scope: Scope): Promise<ApiKey> {
  const header = request.headers.get("authorization");
  const secret = /^bearer +(\S{1,200}) *$/i.exec(header ?? "")?.[1];
  if (!secret) {
    throw new Problem(401, "Send an API key: the header Authorization: Bearer <key>.", {
      headers: { "www-authenticate": `Bearer realm="energy"` },
    });
  }
  const key = await findApiKey(createHash("sha256").update(secret).digest("hex"));
  if (!key) {
    throw new Problem(401, "The API key is unknown, or has expired.", {
      headers: { "www-authenticate": `Bearer realm="energy", error="invalid_token"` },
    });
  }
  identify({ kind: "key", id: key.id });
  await countCall(key.id);
  if (!key.scopes.includes(scope)) {
    throw new Problem(403, `The API key may not do this: it lacks the scope ${scope}.`, {
      headers: { "www-authenticate": `Bearer realm="energy", error="insufficient_scope", scope="${scope}"` },
    });
  }
  return key;
}

async function countCall(keyId: string): Promise<void> {
  try {
    await limiter.consume(keyId);
  } catch (refused) {
    const seconds = Math.max(1, Math.ceil((refused as RateLimiterRes).msBeforeNext / 1000));
    throw new Problem(429, `More than ${callsPerMinute} calls a minute: wait ${seconds} s.`, {
      headers: { "retry-after": String(seconds) },
    });
  }
}
