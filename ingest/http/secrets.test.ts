import { describe, expect, it } from "vitest";
import { shownCredential } from "./secrets.ts";

const shown = (given: { path?: string; query?: string; authorization?: string }) =>
  shownCredential({
    path: given.path ?? "/api/v2/write",
    query: new URLSearchParams(given.query ?? ""),
    authorization: given.authorization,
  });
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

describe("shownCredential", () => {
  it.each([
    ["Bearer", { authorization: "Bearer tok" }, { secret: "tok" }],
    ["Bearer in any case, with blanks", { authorization: "  bearer   tok " }, { secret: "tok" }],
    ["InfluxDB v2's Token", { authorization: "Token tok" }, { secret: "tok" }],
    ["InfluxDB v1's Token user:password", { authorization: "Token d-1:pw" }, { username: "d-1", secret: "pw" }],
    ["Basic", { authorization: basic("d-1:pw") }, { username: "d-1", secret: "pw" }],
    ["Basic, a colon in the password", { authorization: basic("d-1:p:w") }, { username: "d-1", secret: "p:w" }],
    ["Basic without a user: the secret alone", { authorization: basic(":tok") }, { secret: "tok" }],
    ["Basic with the token as its user", { authorization: basic("tok:") }, { username: "tok", secret: "" }],
    ["u and p of InfluxDB v1", { path: "/write", query: "db=x&u=d-1&p=pw" }, { username: "d-1", secret: "pw" }],
    ["u alone", { path: "/write", query: "u=tok" }, { username: "tok", secret: "" }],
    ["apikey of emoncms", { path: "/input/post", query: "apikey=key" }, { secret: "key" }],
    ["devicekey of emoncms", { path: "/input/post", query: "devicekey=key" }, { secret: "key" }],
    ["the path of ThingsBoard", { path: "/api/v1/tok%2F1/telemetry" }, { secret: "tok/1" }],
    ["the header before the query", { query: "apikey=other", authorization: "Bearer tok" }, { secret: "tok" }],
  ])("%s", (_name, given, expected) => {
    expect(shown(given)).toEqual(expected);
  });

  it.each([
    ["nothing", {}],
    ["an empty header", { authorization: "" }],
    ["a scheme without a secret", { authorization: "Bearer" }],
    ["a scheme that nobody knows", { authorization: "Digest abc" }],
    ["Basic that is not base64 of a pair", { authorization: "Basic !!!" }],
    ["empty values", { query: "u=&p=pw&apikey=" }],
    ["a path that only looks like ThingsBoard's", { path: "/api/v1/a/b/telemetry" }],
    ["a path whose escapes are broken", { path: "/api/v1/%E0%A4%A/telemetry" }],
  ])("none in %s", (_name, given) => {
    expect(shown(given)).toBeNull();
  });
});
