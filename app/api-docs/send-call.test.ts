import { expect, test } from "vitest";
import { addressOf } from "./send-call.ts";

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
