import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Decoded, Message } from "./device.ts";
import { emoncmsHttp } from "./emoncms-http.ts";
import { inputsAnswer } from "./emoncms-inputs.ts";

const nowS = 1_741_944_420;

interface Given extends Partial<Omit<Message, "payload">> {
  body?: string;
}

const messageOf = ({ body = "", ...given }: Given): Message => ({
  ...{ transport: "http", method: body ? "POST" : "GET", path: "/input/post", query: "" },
  ...{ receivedAtMs: nowS * 1000 + 700, payload: new TextEncoder().encode(body), ...given },
});
const send = (given: Given): Decoded => emoncmsHttp.decode(messageOf(given), undefined);
const post = (parameters: Record<string, string>, path = "/input/post") =>
  send({ path, query: new URLSearchParams(parameters).toString() });
const bulk = (rows: unknown, parameters: Record<string, string> = {}) =>
  post({ data: typeof rows === "string" ? rows : JSON.stringify(rows), ...parameters }, "/input/bulk");

/** "node/name value", and the time in seconds from `nowS` where there is one. */
const short = ({ readings }: Decoded) =>
  readings.map(({ device, metric, value, timeMs }) =>
    timeMs === null ? `${device}/${metric} ${value}` : `${device}/${metric} ${value} ${timeMs / 1000 - nowS}`,
  );

describe("/input/post", () => {
  it.each<[string, Record<string, string>, string[]]>([
    ["json, named and unnamed mixed", { json: "{a:1,7,b:2,8}" }, ["0/a 1", "0/1 7", "0/b 2", "0/2 8"]],
    ["what the splitter deletes", { json: '{"pow(W)":"1e+3"}' }, ["0/powW 1000"]],
    ["a blank after the comma belongs to the name", { json: '{"a": 1, "b": 2}' }, ["0/a 1", "0/ b 2"]],
    ["names of any script", { json: "{Küche:1,ток:2}" }, ["0/Küche 1", "0/ток 2"]],
    ["null has no value, and counts", { csv: "5,null,6" }, ["0/1 5", "0/3 6"]],
    ["json: time is an ordinary input", { json: "{time:5,a:1}" }, ["0/time 5", "0/a 1"]],
    ["json before csv before data", { data: "1", csv: "2", json: "a:3" }, ["0/a 3"]],
    ["csv before data", { data: "1", csv: "2" }, ["0/1 2"]],
    ["fulljson: numeric strings, null, a list", { fulljson: '{"a":"12.5","b":null,"c":" 7 "}' }, ["0/a 12.5", "0/c 7"]],
    ["fulljson: a list is named from 0", { fulljson: "[4,5]" }, ["0/0 4", "0/1 5"]],
    ["fulljson: truths are states", { fulljson: '{"on":true}' }, ["0/on true"]],
    ["fulljson: time in any case, whole seconds", { fulljson: `{"Time":${nowS - 60}.9,"a":1}` }, ["0/a 1 -60"]],
    ["time of the query before that of fulljson", { fulljson: '{"time":1,"a":1}', time: `${nowS}` }, ["0/a 1 0"]],
    ["time as a text", { csv: "1", time: "2025-03-14 09:26:00" }, ["0/1 1 -60"]],
    ["time in milliseconds", { csv: "1", time: `${nowS - 60}000` }, ["0/1 1 -60"]],
    ["time that is none: arrival", { csv: "1", time: "soon" }, ["0/1 1"]],
    ["time without anything: arrival", { csv: "1", time: "" }, ["0/1 1"]],
    ["a node with what names may not have", { csv: "1", node: "a/b: c_1.2-3!" }, ["ab c_1.2-3/1 1"]],
    ["a node of nothing else", { csv: "1", node: "!!" }, ["0/1 1"]],
  ])("%s", (_name, parameters, expected) => {
    const decoded = post(parameters);
    expect(short(decoded)).toEqual(expected);
    expect(decoded.error).toBeUndefined();
    const body = "fulljson" in parameters ? '{"success": true}' : "ok";
    expect(decoded.response).toEqual({ status: 200, headers: { "content-type": "text/plain" }, body });
  });

  it.each([
    ["no data", {}, "Request contains no data via csv, json or data tag"],
    ["empty data", { csv: "" }, "Request contains no data via csv, json or data tag"],
    ["an empty json hides the csv", { json: "", csv: "1" }, "Request contains no data via csv, json or data tag"],
    ["fulljson that is none", { fulljson: "{a:1}" }, "Input in not a valid JSON object"],
    ["fulljson too deep", { fulljson: '{"a":{"b":1}}' }, "Input in not a valid JSON object"],
    ["fulljson of a scalar", { fulljson: "5" }, "Input in not a valid JSON object"],
    ["no key", { json: "{:5}" }, "Format error, json key missing or invalid character"],
    ["no number under a key", { json: "{a:b}" }, "Format error, json value is not numeric"],
    ["nothing under a key", { json: "{a:}" }, "Format error, json value is not numeric"],
    ["no number", { csv: "1,nan" }, "Format error: csv value is not numeric"],
    ["a comma at the end", { csv: "1," }, "Format error: csv value is not numeric"],
    ["hexadecimal", { csv: "0x1F" }, "Format error: csv value is not numeric"],
  ])("%s: %s", (_name, parameters: Record<string, string>, message) => {
    const decoded = post(parameters);
    expect(decoded).toMatchObject({ readings: [], error: message, response: { status: 200 } });
    expect(decoded.response!.body).toBe(`{"success": false, "message": "${message}"}`);
  });

  it.each([
    ["/input/post/k%C3%BCche", "küche"],
    ["/input/post/a%20b.json", "a b"],
    ["/input/post.json/n", "n"],
    ["/input/post/%E0%A4%A", "E0A4A"],
    ["/input/post/0", "q"],
    ["/input/post/", "q"],
  ])("the node of the path %s is %s", (path, node) => {
    expect(post({ csv: "1", node: "q" }, path).readings[0]!.device).toBe(node);
  });

  it("merges form and query: the form wins, and of two the last", () => {
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" };
    expect(short(send({ query: "node=a&csv=1", body: "csv=2&csv=3", headers }))).toEqual(["a/1 3"]);
    expect(short(send({ query: "node=a", body: "csv=2" })), "no content type").toEqual(["a/1 2"]);
    const json = send({ query: "node=a", body: "csv=2", headers: { "content-type": "application/json" } });
    expect(json.error).toMatch(/contains no data/);
  });

  it("a text inside an encrypted body is not URL-encoded, and its receipt is the answer", () => {
    const decoded = send({ body: "node=a%20b&csv=1&x=1=2&data", receipt: "sha=" });
    expect(short(decoded)).toEqual(["a20b/1 1"]);
    expect(decoded.response!.body).toBe("sha=");
  });

  it("a value that is no number is refused alone", () => {
    const decoded = post({ fulljson: '{"a":"on","b":1,"!":2,"c":"1e999"}' });
    expect(short(decoded)).toEqual(["0/b 1"]);
    expect(decoded.refusals!.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('"on"'),
      '"!"',
      expect.stringContaining('"1e999"'),
    ]);
    expect(decoded.response!.body).toBe('{"success": true}');
  });
});

describe("/input/bulk", () => {
  const rows = [
    [10, "a", 1],
    [20, "a", 2],
  ];
  it.each<[string, Record<string, string>, number]>([
    ["the last row is now", {}, -10],
    ["sentat", { sentat: "25" }, -15],
    ["offset", { offset: "-5" }, 15],
    ["time", { time: `${nowS - 100}` }, -90],
    ["sentat before offset and time", { sentat: "10", offset: "7", time: "5" }, 0],
    ["offset before time", { offset: "10", time: "5" }, 0],
    ["sentat without its fraction", { sentat: "10.9" }, 0],
    ["sentat that is none is 0", { sentat: "x" }, 10],
  ])("base: %s", (_name, parameters, first) => {
    expect(short(bulk(rows, parameters))).toEqual([`a/1 1 ${first}`, `a/1 2 ${first + 10}`]);
  });

  it.each<[string, unknown[], string[]]>([
    ["numeric strings", [["-1", "a", "2.5", " 3 "]], ["a/1 2.5 -1", "a/2 3 -1"]],
    ["times are cut to whole seconds", [[-1.9, "a", 1]], ["a/1 1 -1"]],
    ["null and empty keep the position", [[0, "a", null, "", 3]], ["a/3 3 0"]],
    [
      "named beside positional",
      [[0, "a", 1, { p: 2, q: "3", r: null }, 4]],
      ["a/1 1 0", "a/p 2 0", "a/q 3 0", "a/2 4 0"],
    ],
    ["a name again replaces", [[0, "a", 1, { "1": 9 }]], ["a/1 9 0"]],
    [
      "no node is node 0",
      [
        [0, "", 1],
        [0, null, 2],
        [0, false, 3],
        [0, 0, 4],
      ],
      ["0/1 1 0", "0/1 2 0", "0/1 3 0", "0/1 4 0"],
    ],
    [
      "numeric nodes",
      [
        [0, 16, 1],
        [0, 5.5, 1],
      ],
      ["16/1 1 0", "5.5/1 1 0"],
    ],
    ["what is no row is skipped", [1, "x", {}, null, [0, "a", 7]], ["a/1 7 0"]],
  ])("%s", (_name, given, expected) => {
    const decoded = bulk(given, { time: `${nowS}` });
    expect(short(decoded)).toEqual(expected);
    expect(decoded.response!.body).toBe("ok");
  });

  it("one bad value or time does not hold up the others: refused, and ok", () => {
    const decoded = bulk(
      [
        [0, "a", "abc", [1], 5],
        ["x", "a", 1],
        [1e300, "a", 1],
        [1, "a", 2],
      ],
      { time: `${nowS}` },
    );
    expect(short(decoded)).toEqual(["a/3 5 0", "a/1 2 1"]);
    expect(decoded.refusals).toHaveLength(4);
    expect(decoded).toMatchObject({ response: { status: 200, body: "ok" } });
    expect(decoded.error).toBeUndefined();
  });

  const invalid = "Format error, json string supplied is not valid";
  const lastEmpty = "Format error, last item in bulk data does not contain any data";
  it.each<[string, unknown, Record<string, string>, string]>([
    ["no data", "", {}, invalid],
    ["an object", "{}", {}, invalid],
    ["broken JSON", "[[0,1,", {}, invalid],
    [
      "a last row of null",
      [
        [0, 1, 2],
        [null, 1, 2],
      ],
      {},
      lastEmpty,
    ],
    ["a last element that is no row", [[0, 1, 2], 5], {}, lastEmpty],
    [
      "a node that is an object",
      [
        [0, "a", 1],
        [0, { a: 1 }, 2],
      ],
      {},
      "Format error, node must not be an object",
    ],
    ["hex that is none", "xyz", { c: "1" }, "Format error, compressed hex not valid"],
    ["hex of odd length", "789", { c: "1" }, "Format error, compressed hex not valid"],
    ["hex that is no zlib", "00ff", { c: "1" }, invalid],
  ])("%s", (_name, data, parameters, message) => {
    expect(bulk(data, parameters)).toMatchObject({ readings: [], error: message, response: { status: 200 } });
  });

  it("says success in JSON where fulljson was asked", () => {
    expect(bulk([[0, "a", 1]], { fulljson: "1" }).response!.body).toBe('{"success": true}');
  });
});

describe("/input/get", () => {
  const inputs = { IotaWatt: { "1": { time: 5, value: 231.4 }, "2": { time: 7, value: 0 } } };
  it.each([
    ["/input/get", "node=IotaWatt", '{"1":{"time":5,"value":231.4},"2":{"time":7,"value":0}}'],
    ["/input/get/IotaWatt", "", '{"1":{"time":5,"value":231.4},"2":{"time":7,"value":0}}'],
    ["/input/get.json", "node=IotaWatt&name=2", '{"time":7,"value":0}'],
    ["/input/get/IotaWatt/1", "", '{"time":5,"value":231.4}'],
    ["/input/get", "node=IotaWatt&name=3", '"Node variable does not exist"'],
    ["/input/get", "node=other", '"Node does not exist"'],
    ["/input/get", "node=toString", '"Node does not exist"'],
    ["/input/get", "", JSON.stringify(inputs)],
  ])("%s?%s", (path, query, body) => {
    expect(inputsAnswer(messageOf({ path, query }), inputs)).toMatchObject({ status: 200, body });
  });
});

describe("who is refused", () => {
  it.each([
    ["apikey=x", "Invalid API key", 'realm="API KEY"'],
    ["", "Invalid API key", 'error="invalid_apikey"'],
    ["devicekey=x", "Invalid device key", 'realm="Device KEY"'],
  ])("?%s", (query, body, challenge) => {
    const answer = emoncmsHttp.unauthorized!(messageOf({ query }));
    expect(answer).toMatchObject({ status: 401, body });
    expect(answer.headers!["www-authenticate"]).toContain(challenge);
  });

  it("an encrypting sender is told in his own words", () => {
    const answer = emoncmsHttp.unauthorized!(messageOf({ body: "x", headers: { "content-type": "aes128cbc" } }));
    expect(answer).toMatchObject({ status: 200, body: "User not found" });
  });

  it.each([
    [400, 200],
    [413, 413],
    [503, 503],
  ])("failure %i is answered %i", (status, answered) => {
    expect(emoncmsHttp.failure!(messageOf({}), status, 'the "body"')).toMatchObject({
      status: answered,
      body: `{"success": false, "message": "the 'body'"}`,
    });
  });
});

it("whatever is sent: nothing throws, values and times are finite, and there is an answer", () => {
  const scalar = fc.oneof(fc.double(), fc.string(), fc.constantFrom(null, true, "1e999", "12", 1e300, "__proto__"));
  const cell = fc.oneof(scalar, fc.dictionary(fc.string(), scalar), fc.array(scalar));
  const data = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(scalar, fc.array(cell, { maxLength: 6 })), { maxLength: 4 }).map((rows) => JSON.stringify(rows)),
    fc.dictionary(fc.string(), cell).map((object) => JSON.stringify(object)),
  );
  const keys = fc.constantFrom("data", "json", "fulljson", "csv", "time", "sentat", "offset", "node", "c");
  const path = fc.constantFrom("/input/post", "/input/bulk", "/input/post/n.json", "/input/get/a/b");
  fc.assert(
    fc.property(path, fc.dictionary(keys, data), (where, parameters) => {
      const { readings, response } = post(parameters as Record<string, string>, where);
      expect(response!.status).toBe(200);
      for (const { value, kind, timeMs } of readings) {
        if (kind !== "state") expect(value).toSatisfy(Number.isFinite);
        if (timeMs !== null) expect(Math.abs(timeMs)).toBeLessThanOrEqual(8.64e15);
      }
    }),
    { numRuns: 1000 },
  );
});
