import { expect } from "vitest";
import { apiWith, type Call } from "./api.ts";
import { heldToDocument } from "./api-contract.ts";

/** A new API key of the organization whose admin's calls are given. */
export async function makeKey(api: Call, more: object = {}): Promise<{ id: string; secret: string; call: Call }> {
  const { status, body } = await api("POST", "/api-keys", { name: "Test", scopes: ["read", "write"], ...more });
  expect(status).toBe(201);
  return { id: body.id, secret: body.secret, call: heldToDocument(apiWith(body.secret)) };
}

/** The access token of a key. */
export async function tokenOf(secret: string): Promise<string> {
  const { status, body, headers } = await heldToDocument(apiWith(secret))("POST", "/token");
  expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
  return body.access_token;
}

/** What a key or a token is answered that wants to read. */
export const statusWith = async (secret: string): Promise<number> =>
  (await heldToDocument(apiWith(secret))("GET", "/sites")).status;
