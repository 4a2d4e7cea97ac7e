import { createCipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeRaw, readable, type RawMessage } from "./decode.ts";

const key = "0123456789abcdef0123456789abcdef";
const nowS = 1_741_944_420;

const request = (payload: string | Uint8Array, query: string, headers: Record<string, string> = {}): RawMessage => ({
  ...{ transport: "http", method: "POST", path: "/input/bulk", query, headers, receivedAtMs: nowS * 1000 },
  payload: Buffer.from(payload),
});

const rows = `[[0,"a&b+c",1],[10,"a",2]]`;
const zipped = deflateSync(rows);
const form = { "content-type": "application/x-www-form-urlencoded" };

describe("compressed data", () => {
  it.each([
    ["cb: the body", request(zipped, `cb=1&time=${nowS}`)],
    ["c: hex in the form", request(`c=1&time=${nowS}&data=${zipped.toString("hex")}`, "", form)],
    ["c in the query, hex in the form", request(`data=${zipped.toString("hex")}`, `c=1&time=${nowS}`, form)],
    ["c: all in the query", { ...request("", `c=1&time=${nowS}&data=${zipped.toString("hex")}`), method: "GET" }],
  ])("%s", async (_name, raw) => {
    const decoded = await decodeRaw(raw);
    expect(decoded.readings.map(({ device, value }) => [device, value])).toEqual([
      ["abc", 1],
      ["a", 2],
    ]);
    expect(decoded.response!.body).toBe("ok");
  });

  it.each([
    ["cb that is no zlib", request("hello", "cb=1"), "json string supplied is not valid"],
    ["hex that is no zlib", request("data=00ff", "c=1", form), "json string supplied is not valid"],
    ["hex that is none", request("data=xx", "c=1", form), "compressed hex not valid"],
  ])("%s", async (_name, raw, message) => {
    const decoded = await decodeRaw(raw);
    expect(decoded.error).toContain(message);
    expect(decoded.response!.status).toBe(200);
  });

  it("a bomb is too large", async () => {
    const bomb = deflateSync(Buffer.alloc(1_000_000, " "));
    expect(await readable(request(bomb, "cb=1"), { limit: 10_000 })).toMatchObject({ ok: false, status: 413 });
  });

  it("a key in the form goes no further", async () => {
    const read = await readable(request(`apikey=${key}&data=[]&devicekey=${key}`, "", form));
    expect(Buffer.from(read.message.payload).toString()).toBe("apikey=***&data=[]&devicekey=***");
  });
});

function encrypted(
  plain: string | Buffer,
  { type = "aes128cbc", sign = Buffer.from(plain), user = "d-1" } = {},
): RawMessage {
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-128-cbc", Buffer.from(key, "hex"), iv);
  const body = Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString("base64url");
  const hmac = createHmac("sha256", Buffer.from(key, "hex")).update(sign).digest("hex");
  return request(body, "", { "Content-Type": type, authorization: `${user}:${hmac}` });
}

const keyOf = async (username: string) => (username === "d-1" ? { key, name: "Home" } : null);
const receiptOf = (bytes: string | Buffer) =>
  createHash("sha256").update(bytes).digest("base64").replaceAll("+", "-").replaceAll("/", "_");

describe("encrypted bodies", () => {
  const plain = `time=${nowS}&data=${rows.replace("&", "")}`;
  const gz = deflateSync(plain);

  it.each([
    ["aes128cbc", encrypted(plain), receiptOf(plain)],
    ["aes128cbcgz, the compressed text signed", encrypted(gz, { type: "aes128cbcgz" }), receiptOf(gz)],
    [
      "aes128cbcgz, the text signed",
      encrypted(gz, { type: "aes128cbcgz", sign: Buffer.from(plain) }),
      receiptOf(plain),
    ],
    ["a charset", encrypted(plain, { type: "aes128cbc; charset=utf-8" }), receiptOf(plain)],
  ])("%s", async (_name, raw, receipt) => {
    const decoded = await decodeRaw(raw, undefined, { keyOf });
    expect(decoded.readings.map(({ value }) => value)).toEqual([1, 2]);
    expect(decoded.response).toMatchObject({ status: 200, body: receipt });
    const read = await readable(raw, { keyOf });
    expect(read).toMatchObject({ ok: true, sender: { name: "Home" } });
  });

  it("an error inside is emoncms' own", async () => {
    const decoded = await decodeRaw({ ...encrypted("data=x") }, undefined, { keyOf });
    expect(decoded.response!.body).toMatch(/"success": false/);
  });

  const good = encrypted(plain);
  const withHeader = (authorization?: string): RawMessage => ({
    ...good,
    headers: { "content-type": "aes128cbc", ...(authorization && { authorization }) },
  });
  it.each([
    ["no header", withHeader(), "missing authorization header"],
    ["a header without a colon", withHeader("abc"), "authorization header format should be userid:hmac"],
    ["an unknown user", encrypted(plain, { user: "d-2" }), "User not found"],
    ["a wrong signature", encrypted(plain, { sign: Buffer.from("other") }), "invalid data"],
    ["a signature that is none", withHeader("d-1:xyz"), "invalid data"],
    ["no body", { ...good, payload: Buffer.alloc(0) }, "no content in post body"],
    ["a body that is cut off", { ...good, payload: good.payload.subarray(0, 30) }, "invalid data"],
    ["a body that is none", { ...good, payload: Buffer.from("%%%") }, "invalid data"],
    ["gz that is none", encrypted(plain, { type: "aes128cbcgz" }), "invalid data"],
  ])("%s: %s", async (_name, raw, body) => {
    const decoded = await decodeRaw(raw, undefined, { keyOf });
    expect(decoded).toMatchObject({ readings: [], error: body, response: { status: 200, body } });
  });
});
