import { expect, test } from "vitest";
import { readEnvironment } from "../../platform/env.ts";
import { carry, take } from "./shown-once.server.ts";

const env = readEnvironment({ NODE_ENV: "test", APP_SECRET: "x".repeat(40) });
const credential = { username: "d-abc", password: "p".repeat(32), token: "t".repeat(88) };
const path = "/sites/1/devices/2";

const sending = (setCookie: string) =>
  new Request(`http://energy.test${path}/setup`, { headers: { cookie: `theme=dark; ${setCookie.split(";")[0]}` } });

test("arrives at the page of its device, which takes it away", () => {
  const setCookie = carry(credential, path, env);
  expect(setCookie).toMatch(/Path=\/sites\/1\/devices\/2; Max-Age=60; HttpOnly; SameSite=Strict$/);
  expect(decodeURIComponent(setCookie)).not.toContain(credential.password);
  const taken = take(sending(setCookie), path, env);
  expect(taken?.shown).toEqual(credential);
  expect(taken?.setCookie).toMatch(/^shown-once=; Path=\/sites\/1\/devices\/2; Max-Age=0;/);
});

test("opens nowhere else, and not when it was tampered with", () => {
  const setCookie = carry(credential, path, env);
  expect(take(sending(setCookie), "/sites/1/devices/3", env)).toBeNull();
  expect(take(sending(setCookie), path, readEnvironment({ NODE_ENV: "test", APP_SECRET: "y".repeat(40) }))).toBeNull();
  expect(take(sending(setCookie.replace(/=..../, "=AAAA")), path, env)).toBeNull();
  expect(take(sending("shown-once=short"), path, env)).toBeNull();
  expect(take(sending("other=1"), path, env)).toBeNull();
});

test("without APP_SECRET it opens in the process that made it", () => {
  const without = readEnvironment({ NODE_ENV: "test" });
  expect(take(sending(carry(credential, path, without)), path, without)?.shown).toEqual(credential);
});
