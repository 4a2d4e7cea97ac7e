import { expect, test } from "vitest";
import { mayConnect } from "./page-origin.ts";

const env = { PUBLIC_URL: "https://energy.test", MQTT_WEBSOCKET_ORIGINS: ["https://app.example"] };

test.each([
  ["a device", undefined, true],
  ["a page of ours", "http://127.0.0.1:3000", true],
  ["a page of ours behind the proxy", "https://energy.test", true],
  ["a page of the list", "https://app.example", true],
  ["its neighbour over http", "http://app.example", false],
  ["another port of this machine", "http://127.0.0.1:8080", false],
  ["a page of another site", "https://evil.example", false],
  ["a host that begins as ours", "https://energy.test.evil.example", false],
  ["a sandboxed frame", "null", false],
  ["an empty one", "", false],
])("%s: %s", (_who, origin, may) => {
  expect(mayConnect({ headers: { host: "127.0.0.1:3000", ...(origin !== undefined && { origin }) } }, env)).toBe(may);
});
