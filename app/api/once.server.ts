import { createHash } from "node:crypto";
import { beginOnce, forgetOnce, keepAnswer, keptHours, type KeptAnswer } from "../../db/idempotency.ts";
import { log } from "../../platform/log.ts";
import type { Caller } from "./authenticate.server.ts";
import type { Operation } from "./operation.server.ts";
import { Problem } from "./problem.server.ts";

/**
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a program that did not hear the answer sends the same again, and
 * what it asks for is made once. What was refused is not kept: nothing was made, so it may be tried again.
 */
export const longestKey = 255;

/** Whether an operation makes or does something that should not happen twice. */
export const isRepeatable = ({ method, permission }: Operation): boolean =>
  method === "POST" && permission !== null && permission !== "site.read";

export interface Asked {
  request: Request;
  caller: Caller;
  /** The body as it was parsed; undefined: there is none. */
  json: unknown;
}

/** @throws Problem 400, 409 while the first is under way, 422 when the key came with another request, what `work` throws. */
export async function once(
  { request, caller, json }: Asked,
  work: () => Promise<KeptAnswer>,
): Promise<KeptAnswer & { isReplayed: boolean }> {
  const key = request.headers.get("idempotency-key");
  if (key === null) return { ...(await work()), isReplayed: false };
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > longestKey) {
    throw new Problem(400, `The Idempotency-Key is wrong: expected 1 to ${longestKey} visible ASCII characters.`);
  }
  const { pathname, search } = new URL(request.url);
  const asked = JSON.stringify([caller.id, request.method, pathname, search, json ?? null]);
  const repeatable = { key, requestHash: createHash("sha256").update(asked).digest("hex") };
  const begun = await beginOnce(caller.organizationId, repeatable);
  if (begun === "under-way") {
    throw new Problem(409, "A request with this Idempotency-Key is under way: ask again in a moment.", {
      headers: { "retry-after": "1" },
    });
  }
  if (begun === "other") {
    throw new Problem(422, `This Idempotency-Key came with another request in the last ${keptHours} hours.`);
  }
  if (begun !== "begun") return { ...begun, isReplayed: true };
  const answer = await work().catch(async (error: unknown) => {
    await forgetOnce(caller.organizationId, repeatable).catch(tell);
    throw error;
  });
  // It is made: that its answer could not be kept is no reason to say that it failed.
  await keepAnswer(caller.organizationId, repeatable, answer).catch(tell);
  return { ...answer, isReplayed: false };
}

const tell = (error: Error) => log.error({ reason: error.message }, "an idempotency key could not be settled");
