import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inflate } from "./inflate.ts";

const plain = new TextEncoder().encode("mains power=10 1741944413");

describe("inflate", () => {
  it.each([
    ["gzip", gzipSync(plain)],
    ["x-gzip", gzipSync(plain)],
    [" GZIP ", gzipSync(plain)],
    ["deflate", deflateSync(plain)],
    ["deflate", deflateRawSync(plain)],
    ["identity", plain],
    ["", plain],
    [undefined, plain],
  ])("%s", async (encoding, bytes) => {
    const inflated = await inflate(bytes, encoding);
    expect(inflated.ok && new TextDecoder().decode(inflated.bytes)).toBe("mains power=10 1741944413");
  });

  it("stops a bomb at the limit", async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await inflate(bomb, "gzip")).toEqual({
      ok: false,
      status: 413,
      error: "the message is larger than 25000000 bytes",
    });
    expect(await inflate(deflateRawSync(Buffer.alloc(2000)), "deflate", 1000)).toMatchObject({
      ok: false,
      status: 413,
    });
    expect(await inflate(plain, undefined, 10)).toMatchObject({ ok: false, status: 413 });
    expect(await inflate(gzipSync(plain), "gzip", plain.length)).toMatchObject({ ok: true });
  });

  it("refuses what the header does not say", async () => {
    expect(await inflate(plain, "gzip")).toMatchObject({
      ok: false,
      status: 400,
      error: expect.stringContaining("not valid gzip"),
    });
    expect(await inflate(gzipSync(plain).subarray(0, 20), "gzip")).toMatchObject({ ok: false, status: 400 });
    expect(await inflate(plain, "br")).toMatchObject({
      ok: false,
      status: 415,
      error: expect.stringContaining('"br"'),
    });
  });

  it("an empty body needs no inflating", async () => {
    expect(await inflate(new Uint8Array(), "gzip")).toMatchObject({ ok: true });
  });
});
