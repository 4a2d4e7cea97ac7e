import { describe, expect, it } from "vitest";
import { hideSecrets, shownCredential } from "./secrets.ts";

interface Given {
  path?: string;
  query?: string;
  authorization?: string;
  form?: string;
}

const shown = ({ path = "/api/v2/write", query = "", authorization, form }: Given) =>
  shownCredential(
    {
      ...{ transport: "http", method: "POST", path, query, receivedAtMs: 0 },
      headers: authorization === undefined ? {} : { authorization },
      payload: Buffer.from(form ?? ""),
    },
    path,
  );
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
    ["apikey in emoncms' form", { path: "/input/bulk", form: "data=[]&apikey=key" }, { secret: "key" }],
    ["devicekey in emoncms' form", { path: "/input/bulk.json", form: "devicekey=key" }, { secret: "key" }],
    ["apikey before devicekey", { path: "/input/post/n", query: "devicekey=d", form: "apikey=a" }, { secret: "a" }],
    [
      "emoncms' key before the header",
      { path: "/input/post", query: "apikey=k", authorization: "Basic eDp5" },
      { secret: "k" },
    ],
    [
      "a bare key in the header",
      { authorization: "0123456789abcdef0123456789ABCDEF" },
      { secret: "0123456789abcdef0123456789ABCDEF" },
    ],
    ["the path of ThingsBoard's attributes", { path: "/api/v1/tok/attributes" }, { secret: "tok" }],
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
    ["a form that is not emoncms'", { path: "/write", form: "apikey=key" }],
    ["empty values", { query: "u=&p=pw&apikey=" }],
    ["a path that only looks like ThingsBoard's", { path: "/api/v1/a/b/telemetry" }],
    ["a path whose escapes are broken", { path: "/api/v1/%E0%A4%A/telemetry" }],
  ])("none in %s", (_name, given) => {
    expect(shown(given)).toBeNull();
  });
});

it.each([
  ["apikey=k&node=a", "apikey=***&node=a"],
  ["node=a&devicekey=k", "node=a&devicekey=***"],
  ["db=x&u=d-1&p=pw", "db=x&u=d-1&p=***"],
  ["p=12&q=1", "p=12&q=1"],
  ["", ""],
])("hideSecrets: %s goes on record as %s", (query, hidden) => {
  expect(hideSecrets(query)).toBe(hidden);
});
