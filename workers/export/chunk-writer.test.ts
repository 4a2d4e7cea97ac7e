import { once } from "node:events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chunkBytes, chunkWriter } from "./chunk-writer.ts";

test("whatever the pieces, the chunks are theirs in a row, all of one size but the last", async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 2 * chunkBytes + 1 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sizes, async (lengths) => {
      const stored: Uint8Array[] = [];
      const writer = chunkWriter(async (number, bytes) => {
        expect(number).toBe(stored.length);
        stored.push(Buffer.from(bytes));
      });
      const given = Buffer.concat(lengths.map((length, i) => Buffer.alloc(length, i + 1)));
      let at = 0;
      for (const length of lengths) writer.write(given.subarray(at, (at += length)));
      writer.end();
      await once(writer, "finish");
      expect(Buffer.concat(stored).equals(given)).toBe(true);
      expect(stored.slice(0, -1).every(({ length }) => length === chunkBytes)).toBe(true);
      expect(writer.bytes).toBe(given.length);
    }),
    { numRuns: 20 },
  );
});

test("what cannot be stored ends the writing with its reason", async () => {
  const writer = chunkWriter(() => Promise.reject(new Error("no room")));
  writer.end(Buffer.alloc(10));
  await expect(once(writer, "finish")).rejects.toThrow("no room");
});
