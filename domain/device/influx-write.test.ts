import { describe, expect, it } from "vitest";
import type { Message } from "./device.ts";
import { decodeMessage, failureAnswer, unauthorizedAnswer } from "./registry.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const request = (method: string, address: string, body = "", headers: Record<string, string> = {}): Message => {
  const [path, query = ""] = address.split("?");
  return { transport: "http", method, path: path!, query, headers, receivedAtMs: 0, payload: bytes(body) };
};
const token = { authorization: "Token t" };
const v1 = (query: string, body: string) => decodeMessage(request("POST", `/write?${query}`, body));
const v2 = (query: string, body: string, headers: Record<string, string> = token) =>
  decodeMessage(request("POST", `/api/v2/write?${query}`, body, headers));
const json = (text: string | undefined) => JSON.parse(text ?? "") as unknown;

describe("v1 /write", () => {
  it.each([
    "",
    "&precision=",
    "&precision=ns",
    "&precision=n",
    "&precision=u",
    "&precision=ms",
    "&precision=s",
    "&precision=m",
    "&precision=h",
  ])("takes db=x%s", (precision) =>
    expect(v1(`db=x${precision}`, "m v=1 1")).toMatchObject({ response: { status: 204, body: "" } }),
  );

  it("refuses an unknown precision, quoted as InfluxDB does, in body and header", () => {
    const { response, error } = v1("db=x&precision=us", "m v=1 1");
    expect(error).toBe('invalid precision "us" (use n, u, ms, s, m or h)');
    expect(response!.status).toBe(400);
    expect(response!.headers!["x-influxdb-error"]).toBe(error);
    expect(json(response!.body)).toEqual({ error });
  });

  it("stores the good lines, and names every bad one", () => {
    const { readings, error, refusals, response } = v1("db=x&precision=s", "m v=1 1\nbad\nm v= 2\nm v=3 3");
    expect(readings.map(({ value }) => value)).toEqual([1, 3]);
    expect(error).toBe(
      "partial write: unable to parse 'bad': missing fields\nunable to parse 'm v= 2': missing field value dropped=0",
    );
    expect(refusals).toHaveLength(2);
    expect(response!.headers!["x-influxdb-error"]).not.toContain("\n");
  });

  it("answers a batch of bad lines only without the words of a partial write", () => {
    expect(v1("db=x", "bad").error).toBe("unable to parse 'bad': missing fields");
  });

  it("counts points that are dropped for a tag called time", () => {
    const { readings, response } = v1("db=x&precision=s", "m,time=1 v=1 1\nm v=2 2");
    expect(readings).toHaveLength(1);
    expect(json(response!.body)).toEqual({
      error: 'partial write: invalid tag key: input tag "time" on measurement "m" is invalid dropped=1',
    });
  });

  it("keeps text out of the header that no header can hold", () => {
    const { response } = v1("db=x", "möbel\u0001");
    expect(response!.headers!["x-influxdb-error"]).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe("v2 /api/v2/write", () => {
  it("refuses the whole batch for one bad line", () => {
    const { readings, response } = v2("org=o&bucket=b", "m v=1 1\nm v=\nm v=3 3");
    expect(readings).toEqual([]);
    expect(response).toMatchObject({ status: 400, headers: { "x-platform-error-code": "invalid" } });
    expect(json(response!.body)).toEqual({ code: "invalid", message: "unable to parse 'm v=': missing field value" });
  });

  it.each([
    ["bucket=b", 400, "invalid", "Please provide either orgID or org"],
    ["org=o", 404, "not found", "bucket not found"],
    ["org=o&bucket=b&precision=n", 400, "invalid", "invalid precision; valid precision units are ns, us, ms, and s"],
    ["org=o&bucket=b&precision=h", 400, "invalid", "invalid precision; valid precision units are ns, us, ms, and s"],
  ])("%s is %i", (query, status, code, message) => {
    const { readings, response, error } = v2(query, "m v=1 1");
    expect({ readings, error, status: response!.status, body: json(response!.body) }).toEqual({
      ...{ readings: [], error: message, status, body: { code, message } },
    });
  });

  it("takes orgID, and answers 204 for comments alone", () => {
    expect(v2("orgID=0123456789abcdef&bucket=b", "m v=1 1").readings).toHaveLength(1);
    expect(v2("org=o&bucket=b", "# nothing\n").response!.status).toBe(204);
  });

  it("answers Home Assistant's empty test write with a status that it takes for healthy", () => {
    expect([204, 400]).toContain(v2("org=o&bucket=b", "").response!.status);
    expect(v1("db=x", "").response!.status).toBe(204);
  });

  it("stores what is allowed beside a tag called time, and answers 422", () => {
    const { readings, response } = v2("org=o&bucket=b&precision=s", "m,time=1 v=1 1\nm v=2 2");
    expect(readings).toHaveLength(1);
    expect(response!.status).toBe(422);
    expect(json(response!.body)).toEqual({
      code: "unprocessable entity",
      message:
        'failure writing points to database: partial write: invalid tag key: input tag "time" on measurement "m" is invalid dropped=1',
    });
  });

  it("is nobody's without a credential", () => {
    expect(v2("org=o&bucket=b", "m v=1", {})).toMatchObject({
      readings: [],
      error: expect.any(String),
      response: { status: 401 },
    });
  });
});

describe("the questions that clients ask first", () => {
  const noted = { results: [{ statement_id: 0 }] };
  it.each([
    ["GET", "/query?q=SHOW+DATABASES", "", noted],
    ["POST", "/query?q=SHOW+DATABASES&db=x", "", noted],
    ["POST", "/query", "q=CREATE+DATABASE+%22telegraf%22", noted],
    [
      "POST",
      "/query?db=x",
      "q=SELECT+LAST(value)+FROM+mains;SHOW+TAG+KEYS",
      { results: [{ statement_id: 0 }, { statement_id: 1 }] },
    ],
    ["GET", "/ping?verbose=true", "", { version: expect.any(String) }],
  ])("%s %s %s", (method, address, body, answer) => {
    const { readings, error, response } = decodeMessage(request(method, address, body));
    expect({ readings, error, status: response!.status }).toEqual({ readings: [], error: undefined, status: 200 });
    expect(json(response!.body)).toEqual(answer);
  });

  it("says its version on ping, and that it is well on health", () => {
    for (const method of ["GET", "HEAD"]) {
      const { response } = decodeMessage(request(method, "/ping"));
      expect(response).toMatchObject({ status: 204, body: "", headers: { "x-influxdb-version": expect.any(String) } });
    }
    expect(json(decodeMessage(request("GET", "/health")).response!.body)).toMatchObject({ status: "pass" });
  });

  it("answers a Flux query with nothing found: no newline in it", () => {
    const { response } = decodeMessage(request("POST", "/api/v2/query?orgID=1", 'from(bucket:"x")', token));
    expect(response!.status).toBe(200);
    expect(response!.body).not.toContain("\n");
  });

  it("names the parameter that a query lacks, and the methods that an address takes", () => {
    expect(json(decodeMessage(request("GET", "/query")).response!.body)).toEqual({
      error: 'missing required parameter "q"',
    });
    expect(decodeMessage(request("GET", "/write?db=x"))).toMatchObject({
      readings: [],
      response: { status: 405, headers: { allow: "POST" } },
    });
  });
});

describe("answers around decoding", () => {
  it("words a wrong credential as each version does", () => {
    const old = unauthorizedAnswer(request("POST", "/write?db=x", "m v=1", { authorization: "Basic eDp5" }));
    expect(old).toMatchObject({ status: 401, headers: { "www-authenticate": expect.stringContaining("Basic") } });
    expect(json(old.body)).toEqual({ error: "authorization failed" });
    const now = unauthorizedAnswer(request("POST", "/api/v2/write?org=o&bucket=b", "m v=1", token));
    expect(json(now.body)).toEqual({ code: "unauthorized", message: "unauthorized access" });
    expect(now.headers!["content-type"]).toBe("application/json; charset=utf-8");
  });

  it("words a body that is too large, and a server that is busy", () => {
    expect(json(failureAnswer(request("POST", "/api/v2/write"), 413, "x").body)).toEqual({
      code: "request too large",
      message: "unable to read data: points batch is too large",
    });
    expect(failureAnswer(request("POST", "/write"), 413, "x")).toMatchObject({ status: 413 });
    expect(json(failureAnswer(request("POST", "/api/v2/write"), 503, "busy").body)).toEqual({
      code: "unavailable",
      message: "busy",
    });
    expect(failureAnswer(request("POST", "/nowhere"), 503, "busy").headers!["content-type"]).toBe(
      "application/problem+json",
    );
  });

  it("reads line protocol at an address that the user named", () => {
    const message: Message = {
      transport: "mqtt",
      topic: "telegraf/x",
      config: { format: "influx-line" },
      receivedAtMs: 0,
      payload: bytes("m v=1"),
    };
    expect(decodeMessage(message).readings.map(({ metric }) => metric)).toEqual(["m.v"]);
  });
});
