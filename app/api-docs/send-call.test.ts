import { expect, test } from "vitest";
import { addressOf, textOf } from "./send-call.ts";

const parameters = [
  { name: "id", in: "path" },
  { name: "from", in: "query" },
  { name: "limit", in: "query" },
  { name: "If-None-Match", in: "header" },
];

test.each([
  [
    { "path.id": "12", "query.from": "2026-03-01T00:00:00+01:00" },
    "/api/v1/channels/12?from=2026-03-01T00%3A00%3A00%2B01%3A00",
  ],
  [{ "path.id": "a/../b?", "query.limit": "" }, "/api/v1/channels/a%2F..%2Fb%3F"],
  [{ "header.If-None-Match": "x" }, "/api/v1/channels/{id}"],
])("%j", (values, address) => {
  expect(addressOf({ path: "/channels/{id}", parameters, values: values as unknown as Record<string, string> })).toBe(
    address,
  );
});

test("of a stream that has no end its beginning is shown, of a file its size", async () => {
  const endless = new ReadableStream<Uint8Array>({
    start: (to) => to.enqueue(new TextEncoder().encode("event: ready\n\n")),
  });
  const stream = new Response(endless, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  expect(await textOf(stream, 20)).toMatch(/^event: ready\n\n… and so on/);
  const file = new Response("PK..", { headers: { "content-type": "application/zip" } });
  expect(await textOf(file)).toBe("4 bytes of application/zip");
  expect(await textOf(new Response("{}"))).toBe("{}");
});
