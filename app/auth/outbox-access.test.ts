import { expect, test } from "vitest";
import { readEnvironment } from "../../platform/env.ts";
import { mayReadOutbox } from "./outbox-access.server.ts";

const secret = { APP_SECRET: "x".repeat(32) };

test.each([
  ["a developer's machine", {}, "127.0.0.1", true],
  ["by IPv6", { HOST: "::1" }, "::1", true],
  ["open to the network, from the machine itself", { HOST: "0.0.0.0" }, "::ffff:127.0.0.1", true],
  ["open to the network, from the network", { HOST: "0.0.0.0" }, "192.168.1.7", false],
  ["an address that only begins like it", { HOST: "0.0.0.0" }, "127.evil.test", false],
  ["behind a public address", { PUBLIC_URL: "https://energy.example.org" }, "127.0.0.1", false],
  ["behind a local address", { PUBLIC_URL: "http://localhost:3000" }, "127.0.0.1", true],
  ["with a mail provider", { RESEND_API_KEY: "re_1" }, "127.0.0.1", false],
  ["in production", { NODE_ENV: "production", ...secret }, "127.0.0.1", false],
])("%s", (_what, env, address, allowed) => {
  expect(mayReadOutbox(readEnvironment(env), address)).toBe(allowed);
});
