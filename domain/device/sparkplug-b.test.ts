import fc from "fast-check";
import protobuf from "protobufjs/light.js";
import { describe, expect, it } from "vitest";
import type { DecoderState, Message } from "./device.ts";
import { sparkplugB } from "./sparkplug-b.ts";

/** A writer of its own, so that reading is not tested with the descriptor that it reads with. */
interface Metric {
  name?: string;
  alias?: number;
  at?: number;
  type?: number;
  historical?: boolean;
  transient?: boolean;
  null?: boolean;
  unit?: string;
  unitKey?: string;
  int?: number;
  long?: number | bigint;
  float?: number;
  double?: number;
  bool?: boolean;
  text?: string;
  bytes?: Uint8Array;
}

function written(metric: Metric): Uint8Array {
  const w = protobuf.Writer.create();
  if (metric.name !== undefined) w.uint32(10).string(metric.name);
  if (metric.alias !== undefined) w.uint32(16).uint64(metric.alias);
  if (metric.at !== undefined) w.uint32(24).uint64(metric.at);
  if (metric.type !== undefined) w.uint32(32).uint32(metric.type);
  if (metric.historical) w.uint32(40).bool(true);
  if (metric.transient) w.uint32(48).bool(true);
  if (metric.null) w.uint32(56).bool(true);
  if (metric.unit !== undefined) {
    w.uint32(74).fork();
    w.uint32(10)
      .string("Low")
      .uint32(10)
      .string(metric.unitKey ?? "engUnit");
    w.uint32(18).fork().uint32(8).uint32(9).uint32(45).float(1).ldelim();
    w.uint32(18).fork().uint32(8).uint32(12).uint32(66).string(metric.unit).ldelim();
    w.ldelim();
  }
  if (metric.int !== undefined) w.uint32(80).uint32(metric.int);
  if (metric.long !== undefined) w.uint32(88).int64(BigInt.asIntN(64, BigInt(metric.long)).toString());
  if (metric.float !== undefined) w.uint32(101).float(metric.float);
  if (metric.double !== undefined) w.uint32(105).double(metric.double);
  if (metric.bool !== undefined) w.uint32(112).bool(metric.bool);
  if (metric.text !== undefined) w.uint32(122).string(metric.text);
  if (metric.bytes !== undefined) w.uint32(130).bytes(metric.bytes);
  return w.finish();
}

function payload(metrics: Metric[], { at, seq }: { at?: number; seq?: number } = {}): Uint8Array {
  const w = protobuf.Writer.create();
  if (at !== undefined) w.uint32(8).uint64(at);
  for (const metric of metrics) w.uint32(18).bytes(written(metric));
  if (seq !== undefined) w.uint32(24).uint64(seq);
  return new Uint8Array(w.finish());
}

const message = (type: string, bytes: Uint8Array): Message => ({
  transport: "mqtt",
  topic: `spBv1.0/${type}`,
  receivedAtMs: 1_750_000_000_000,
  payload: bytes,
});

/** A connection that keeps what the decoder returns, as the ingest does. */
function gateway() {
  let state: DecoderState | undefined;
  return {
    send(type: string, bytes: Uint8Array) {
      const decoded = sparkplugB.decode(message(type, bytes), state);
      if (decoded.state) state = JSON.parse(JSON.stringify(decoded.state)) as DecoderState;
      return decoded;
    },
    get state() {
      return state;
    },
  };
}

const data = (metric: Metric) => sparkplugB.decode(message("g/DDATA/n/d", payload([metric])), undefined).readings[0];
const [int8, int16, int32, int64, uint8, uint32, uint64, float, double, boolean, string, dateTime] = [
  1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13,
];
const values = (decoded: { readings: { device: string; metric: string; value: unknown; unit: string | null }[] }) =>
  decoded.readings.map(({ device, metric, value, unit }) => `${device} ${metric} ${String(value)} ${unit ?? "-"}`);

describe("a value", () => {
  it.each<[string, Metric, unknown]>([
    ["Int8, padded to 32 bits", { type: int8, int: 0xffff_fffb }, -5],
    ["Int8, in 8 bits", { type: int8, int: 0xfb }, -5],
    ["Int16", { type: int16, int: 0xff38 }, -200],
    ["Int32", { type: int32, int: 0xffff_fb2e }, -1234],
    ["Int32 in the long field", { type: int32, long: -1234 }, -1234],
    ["Int32, positive", { type: int32, int: 70_000 }, 70_000],
    ["Int64", { type: int64, long: -5_000_000_000 }, -5_000_000_000],
    ["UInt8", { type: uint8, int: 251 }, 251],
    ["UInt32", { type: uint32, int: 0xffff_fb2e }, 4_294_966_062],
    ["UInt64 above the signed half", { type: uint64, long: 2n ** 63n }, 2 ** 63],
    ["Float, as its shortest decimal", { type: float, float: 230.1 }, 230.1],
    ["Float 0", { type: float, float: 0 }, 0],
    ["Double", { type: double, double: 48_211.375 }, 48_211.375],
    ["Boolean", { type: boolean, bool: false }, false],
    ["Boolean in the int field", { type: boolean, int: 1 }, true],
    ["String", { type: string, text: "0042" }, "0042"],
    ["without a datatype", { int: 7 }, 7],
    ["null", { type: double, null: true, double: 5 }, undefined],
    ["no value", { type: double }, undefined],
    ["not-a-number", { type: double, double: NaN }, undefined],
    ["a date", { type: dateTime, long: 1_750_000_000_000 }, undefined],
    ["bytes", { type: 17, bytes: new Uint8Array([1, 2]) }, undefined],
    ["a text for nothing", { type: string, text: "unavailable" }, undefined],
    ["transient", { type: double, double: 5, transient: true }, undefined],
  ])("%s", (_, metric, expected) => {
    expect(data({ name: "x", ...metric })?.value).toBe(expected);
  });

  it.each<[string, Metric]>([
    ["infinite", { type: double, double: Infinity }],
    ["an Int8 of 1000", { type: int8, int: 1000 }],
    ["a Boolean of 2", { type: boolean, int: 2 }],
    ["historical without a time", { type: double, double: 1, historical: true }],
    ["too large in its unit", { type: double, double: 1e306, unit: "MW" }],
  ])("%s is refused, and the rest is kept", (_, metric) => {
    const decoded = sparkplugB.decode(
      message(
        "g/NDATA/n",
        payload([
          { name: "bad", ...metric },
          { name: "good", double: 1 },
        ]),
      ),
      undefined,
    );
    expect(decoded).toMatchObject({ readings: [{ metric: "good" }], error: expect.stringContaining("bad") });
  });

  it("has its own time, else the payload's, else none; historical ones keep theirs", () => {
    const at = (metric: Metric, of?: number) =>
      sparkplugB.decode(message("g/NDATA/n", payload([{ name: "x", int: 1, ...metric }], { at: of })), undefined)
        .readings[0]?.timeMs;
    expect([at({ at: 1000 }, 2000), at({}, 2000), at({}), at({ at: 0 }, 2000)]).toEqual([1000, 2000, null, 2000]);
    expect(at({ historical: true, at: 1000 }, 2000)).toBe(1000);
  });
});

describe("a unit", () => {
  it.each([
    ["engUnit", "kW", 1.25, 1250, "W", "gauge"],
    ["EngUnits", "Wh", 1500, 1.5, "kWh", "counter"],
    ["Engineering Units", "°F", 212, 100, "degC", "gauge"],
    ["Unit", "m³", 3, 3, "m3", "counter"],
    ["uom", "kvarh", 3, 3, "kvarh", "counter"],
    ["engUnit", "rpm", 3, 3, null, "gauge"],
    ["Scale", "kW", 3, 3, null, "gauge"],
  ])("%s = %s", (unitKey, unit, double, value, canonical, kind) => {
    const reading = data({ name: "x", double, unit, unitKey });
    expect(reading).toMatchObject({ unit: canonical, kind });
    expect(reading?.value).toBeCloseTo(value, 9);
  });

  it("of a birth holds for the data after it, by alias and by name", () => {
    const g = gateway();
    g.send("g/NBIRTH/n", payload([], { seq: 0 }));
    g.send("g/DBIRTH/n/d", payload([{ name: "P", alias: 0, type: int32, int: 1, unit: "kW" }], { seq: 1 }));
    expect(values(g.send("g/DDATA/n/d", payload([{ alias: 0, int: 0xffff_ffff }], { seq: 2 })))).toEqual([
      "g/n/d P -1000 W",
    ]);
    expect(values(g.send("g/DDATA/n/d", payload([{ name: "P", int: 2 }], { seq: 3 })))).toEqual(["g/n/d P 2000 W"]);
  });
});

describe("data before its birth", () => {
  const asksRebirth = [{ topic: "spBv1.0/plant/NCMD/edge", everyS: 30, payload: expect.any(Uint8Array) }];

  it("by alias gives nothing, awaits the birth and asks for it", () => {
    const g = gateway();
    const decoded = g.send(
      "plant/DDATA/edge/em",
      payload([
        { alias: 9, double: 1 },
        { name: "x", double: 2 },
      ]),
    );
    expect(decoded).toEqual({ readings: [], awaits: "the birth of plant/edge/em", requests: asksRebirth });
    expect(g.send("plant/NDATA/edge", payload([{ alias: 9, double: 1 }]))).toMatchObject({
      awaits: "the birth of plant/edge",
    });
  });

  it("by name is what it says without, should the birth not come", () => {
    const decoded = gateway().send("plant/NDATA/edge", payload([{ name: "x", double: 2 }]));
    expect(decoded).toMatchObject({ readings: [{ metric: "x", value: 2 }], awaits: "the birth of plant/edge" });
  });

  it("asks with Node Control/Rebirth = true", () => {
    const [request] = gateway().send("plant/NDATA/edge", payload([{ alias: 9, double: 1 }])).requests!;
    const told = sparkplugB.decode(message("g/NDATA/n", request!.payload as Uint8Array), undefined);
    expect(told.readings).toEqual([]);
    const text = new TextDecoder().decode(request!.payload as Uint8Array);
    expect(text).toContain("Node Control/Rebirth");
    expect((request!.payload as Uint8Array).slice(-2)).toEqual(new Uint8Array([0x70, 1]));
  });

  it("is needed again after the node was born again", () => {
    const g = gateway();
    const deviceBirth = payload([{ name: "P", alias: 1, double: 1 }], { seq: 1 });
    g.send("g/NBIRTH/n", payload([], { seq: 0 }));
    g.send("g/DBIRTH/n/d", deviceBirth);
    g.send("g/NBIRTH/n", payload([], { seq: 0 }));
    const early = payload([{ alias: 1, double: 7 }], { seq: 1 });
    expect(g.send("g/DDATA/n/d", early)).toMatchObject({ readings: [], awaits: "the birth of g/n/d" });
    g.send("g/DBIRTH/n/d", deviceBirth);
    expect(values(g.send("g/DDATA/n/d", early))).toEqual(["g/n/d P 7 -"]);
  });
});

describe("a sequence number", () => {
  it.each([
    ["NBIRTH/n", 0, true],
    ["DBIRTH/n/d", 1, false],
    ["NDATA/n", 255, false],
    ["DDATA/n/d", 3, false],
    ["DDEATH/n/d", 4, false],
  ])("of %s is told, with what to ask when one is missing", (type, number, isFirst) => {
    expect(gateway().send(`g/${type}`, payload([], { seq: number })).sequence).toEqual({
      ...{ of: "g/n", number, modulo: 256, isFirst },
      onGap: { topic: "spBv1.0/g/NCMD/n", everyS: 30, payload: expect.any(Uint8Array) },
    });
  });

  it("that is none, or of a death of the node, is not", () => {
    expect(gateway().send("g/NDATA/n", payload([], { seq: 256 })).sequence).toBeUndefined();
    expect(gateway().send("g/NDEATH/n", payload([], { seq: 0 })).sequence).toBeUndefined();
  });

  it("is no reason to write the state, and neither is a birth that says what is known", () => {
    const g = gateway();
    g.send("g/NBIRTH/n", payload([], { at: 1, seq: 0 }));
    const birth = (seq: number) => g.send("g/DBIRTH/n/d", payload([{ name: "x", alias: 1, double: seq }], { seq }));
    expect(birth(1).state).toBeDefined();
    expect(birth(2).state).toBeUndefined();
    expect(g.send("g/DDATA/n/d", payload([{ alias: 1, double: 3 }], { seq: 3 })).state).toBeUndefined();
  });
});

describe("a death", () => {
  const born = () => {
    const g = gateway();
    g.send("g/NBIRTH/n", payload([{ name: "bdSeq", type: uint64, long: 7 }], { seq: 0 }));
    g.send("g/DBIRTH/n/a", payload([], { seq: 1 }));
    g.send("g/DBIRTH/n/b", payload([], { seq: 2 }));
    return g;
  };

  it("of a node takes its devices along", () => {
    const g = born();
    expect(values(g.send("g/NDEATH/n", payload([{ name: "bdSeq", type: uint64, long: 7 }])))).toEqual([
      "g/n online false -",
      "g/n/a online false -",
      "g/n/b online false -",
    ]);
  });

  it("of an earlier connection is no death", () => {
    expect(born().send("g/NDEATH/n", payload([{ name: "bdSeq", type: uint64, long: 6 }]))).toEqual({ readings: [] });
  });

  it("of a node that was born again still takes the devices that were not", () => {
    const g = born();
    g.send("g/NBIRTH/n", payload([{ name: "bdSeq", type: int64, long: 8 }], { seq: 0 }));
    expect(g.send("g/NDEATH/n", payload([{ name: "bdSeq", int: 8 }])).readings).toHaveLength(3);
  });

  it("of a device is its own", () => {
    expect(values(born().send("g/DDEATH/n/a", payload([], { seq: 3 })))).toEqual(["g/n/a online false -"]);
  });
});

describe("what is no measurement", () => {
  it.each(["STATE/host", "g/NCMD/n", "g/DCMD/n/d", "g/NDATA/n/d", "g/DDATA/n", "g/XDATA/n", "g"])("%s", (type) => {
    expect(sparkplugB.decode(message(type, new TextEncoder().encode('{"online":true}')), undefined)).toEqual({
      readings: [],
    });
  });

  it("numbers and controls of the connection, also by alias", () => {
    const g = gateway();
    g.send("g/NBIRTH/n", payload([{ name: "Node Control/Next", alias: 3, bool: false }], { seq: 0 }));
    const decoded = g.send(
      "g/NDATA/n",
      payload(
        [
          { alias: 3, bool: true },
          { name: "bdSeq", long: 1 },
        ],
        { seq: 1 },
      ),
    );
    expect(decoded).toMatchObject({ readings: [] });
    expect(decoded.awaits).toBeUndefined();
  });
});

describe("what is remembered", () => {
  it("has limits: metrics, devices, nodes and lengths", () => {
    const g = gateway();
    const many = Array.from({ length: 1500 }, (_, i) => ({ name: `m${i}`, alias: i, double: i }));
    expect(g.send("g/NBIRTH/n", payload(many, { seq: 0 })).readings).toHaveLength(1501);
    expect(
      g.send(
        "g/NDATA/n",
        payload([
          { alias: 999, double: 5 },
          { alias: 1400, double: 5 },
        ]),
      ),
    ).toMatchObject({
      readings: [{ metric: "m999" }],
    });
    for (let i = 0; i < 200; i++) g.send(`g/DBIRTH/n/d${i}`, payload([]));
    expect(g.send("g/DBIRTH/n/one-more", payload([])).error).toContain("not remembered");
    for (let i = 0; i < 99; i++) g.send(`g/NBIRTH/n${i}`, payload([]));
    expect(g.send("g/NBIRTH/one-more", payload([])).error).toContain("not remembered");
    expect(g.send(`g/NBIRTH/${"n".repeat(300)}`, payload([])).error).toContain("more than 200 characters");
    expect(g.send("g/NBIRTH/n", payload([{ name: "m".repeat(5000), double: 1 }])).readings[1]!.metric).toHaveLength(
      200,
    );
    expect(JSON.stringify(g.state).length).toBeLessThan(100_000);
  });

  it("may be called like a member of every object", () => {
    const g = gateway();
    for (const name of ["__proto__", "constructor", "toString"]) {
      g.send(`g/NBIRTH/${name}`, payload([{ name, alias: 1, double: 1, unit: "kW" }], { seq: 0 }));
      g.send(`g/DBIRTH/${name}/${name}`, payload([{ name, alias: 1, double: 1 }], { seq: 1 }));
      expect(values(g.send(`g/NDATA/${name}`, payload([{ alias: 1, double: 2 }], { seq: 2 })))).toEqual([
        `g/${name} ${name} 2000 W`,
      ]);
      expect(g.send(`g/NDEATH/${name}`, payload([])).readings).toHaveLength(2);
    }
    expect(({} as Record<string, unknown>).nodes).toBeUndefined();
  });
});

describe("bytes", () => {
  it("that are no Protobuf are refused with a sentence", () => {
    expect(gateway().send("g/NDATA/n", new Uint8Array([0x12, 0x35, 0x0a]))).toMatchObject({
      readings: [],
      error: expect.stringContaining("no whole Sparkplug B"),
    });
    expect(gateway().send("g/NDATA/n", new Uint8Array(50_000).fill(0x0b)).error).toBeTypeOf("string");
  });

  it("of any kind never throw, and never give what is no finite number", () => {
    const types = fc.constantFrom("NBIRTH/n", "NDATA/n", "DBIRTH/n/d", "DDATA/n/d", "NDEATH/n", "DDEATH/n/d");
    const metric = fc.record({
      name: fc.string(),
      alias: fc.nat(5),
      type: fc.nat(25),
      double: fc.double(),
      int: fc.nat(),
    });
    const made = fc.array(metric, { maxLength: 5 }).map((metrics) => payload(metrics));
    const cut = fc.tuple(made, fc.nat(100)).map(([bytes, at]) => bytes.slice(0, at));
    const sent = fc.tuple(types, fc.oneof(made, cut, fc.uint8Array({ maxLength: 200 })));
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 8 }), (all) => {
        const g = gateway();
        for (const [type, bytes] of all)
          for (const { value, kind } of g.send(`g/${type}`, bytes).readings)
            expect(kind === "state" || Number.isFinite(value)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
