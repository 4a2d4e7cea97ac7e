import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message } from "./device.ts";
import { greenButton } from "./green-button.ts";
import { decoderOf } from "./registry.ts";
import { defineChannel } from "./vocabulary.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const post = (text: string, path = "/ingest/green-button"): Message => ({
  transport: "http",
  method: "POST",
  path,
  receivedAtMs: 0,
  payload: bytes(text),
});
const decode = (text: string) => greenButton.decode(post(text), undefined);

const element = (name: string, children: Record<string, number | string>) =>
  `<${name}>${Object.entries(children)
    .map(([key, value]) => `<${key}>${value}</${key}>`)
    .join("")}</${name}>`;
const link = (rel: string, href: string) => `<link rel="${rel}" href="${href}"/>`;
const entry = (links: string, content: string) => `<entry>${links}<title/><content>${content}</content></entry>`;
const feed = (...entries: string[]) =>
  `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">${entries.join("")}</feed>`;

const start = 1_741_924_800;
const wattHours = { accumulationBehaviour: 4, commodity: 1, flowDirection: 1, uom: 72, powerOfTenMultiplier: 0 };
const readingType = (id: string, children: Record<string, number | string>) =>
  entry(link("self", `/ReadingType/${id}`), element("ReadingType", children));
const meter = (point: string, id: string, type: string) =>
  entry(
    link("self", `User/1/UsagePoint/${point}/MeterReading/${id}`) + link("related", `/ReadingType/${type}`),
    "<MeterReading/>",
  );
const interval = (value: number | string, at = start, more = "") =>
  `<IntervalReading>${more}<timePeriod><duration>900</duration><start>${at}</start></timePeriod><value>${value}</value></IntervalReading>`;
const block = (point: string, id: string, readings: string) =>
  entry(
    link("up", `User/1/UsagePoint/${point}/MeterReading/${id}/IntervalBlock`),
    `<IntervalBlock><interval><duration>900</duration><start>${start}</start></interval>${readings}</IntervalBlock>`,
  );
const simple = (type: Record<string, number | string>, readings = interval(100)) =>
  feed(block("01", "05", readings), meter("01", "05", "7"), readingType("7", { ...wattHours, ...type }));
const brief = (text: string) =>
  decode(text).readings.map(({ device, metric, value, unit, kind }) => [device, metric, value, unit, kind].join(" "));

describe("a reading type", () => {
  it.each<[string, Record<string, number | string>, string]>([
    ["Wh forward", {}, "energy.import 0.1 kWh delta"],
    ["Wh reverse", { flowDirection: 19 }, "energy.export 0.1 kWh delta"],
    ["Wh net", { flowDirection: 4 }, "energy.net 0.1 kWh delta"],
    ["Wh, direction not applicable", { flowDirection: 0 }, "energy.import 0.1 kWh delta"],
    ["kWh by multiplier 3", { powerOfTenMultiplier: 3 }, "energy.import 100 kWh delta"],
    ["mWh by multiplier -3", { powerOfTenMultiplier: -3 }, "energy.import 0.0001 kWh delta"],
    ["a register", { accumulationBehaviour: 1 }, "energy.import 0.1 kWh counter"],
    ["a cumulative register", { accumulationBehaviour: 3 }, "energy.import 0.1 kWh counter"],
    ["phase A", { phase: 128 }, "energy.import.l1 0.1 kWh delta"],
    ["phase C to neutral", { phase: 33 }, "energy.import.l3 0.1 kWh delta"],
    ["a tariff", { tou: 2 }, "energy.import.t2 0.1 kWh delta"],
    ["W", { uom: 38, accumulationBehaviour: 12 }, "power.import 100 W gauge"],
    ["W net", { uom: 38, flowDirection: 4 }, "power 100 W gauge"],
    ["the highest W", { uom: 38, dataQualifier: 8 }, "power.import.max 100 W gauge"],
    ["VAh", { uom: 71 }, "apparent_energy_vah.import 100  delta"],
    ["varh", { uom: 73 }, "energy_reactive.import 0.1 kvarh delta"],
    ["varh of a quadrant", { uom: 73, flowDirection: 18 }, "energy_reactive.q4 0.1 kvarh delta"],
    ["V", { uom: 29, accumulationBehaviour: 6 }, "voltage 100 V gauge"],
    ["A on phase B", { uom: 5, phase: 64 }, "current.l2 100 A gauge"],
    ["Hz", { uom: 33 }, "frequency 100 Hz gauge"],
    ["VA", { uom: 61 }, "apparent_power 100 VA gauge"],
    ["var", { uom: 63 }, "reactive_power 100 var gauge"],
    ["power factor", { uom: 65, powerOfTenMultiplier: -2 }, "power_factor 1 1 gauge"],
    ["degC", { uom: 23 }, "temperature 100 degC gauge"],
    ["m3 of gas", { uom: 42, commodity: 7 }, "gas 100 m3 delta"],
    ["m3 of water, a register", { uom: 42, commodity: 9, accumulationBehaviour: 1 }, "water 100 m3 counter"],
    ["litres of water", { uom: 134, commodity: 9 }, "water 0.1 m3 delta"],
    ["ft3 of gas", { uom: 119, commodity: 7 }, "gas 2.8316846592 m3 delta"],
    ["US gallons of water", { uom: 128, commodity: 9 }, "water 0.3785411784 m3 delta"],
    ["m3/h of gas", { uom: 125, commodity: 7 }, "gas.flow 100 m3/h gauge"],
    ["Wh, commodity missing", { commodity: 0 }, "energy.import 0.1 kWh delta"],
  ])("%s", (_, type, expected) => {
    expect(brief(simple(type))).toEqual([`01 ${expected}`]);
  });

  it.each<[string, Record<string, number>, string, number]>([
    ["1 BTU of gas", { uom: 132, commodity: 7, powerOfTenMultiplier: -2 }, "gas.energy", 0.00029307107],
    ["1 therm of gas", { uom: 169, commodity: 7, powerOfTenMultiplier: -2 }, "gas.energy", 29.3001111],
    ["1 BTU of heat", { uom: 132, commodity: 12, powerOfTenMultiplier: -2 }, "heat", 0.00029307107],
    ["1 BTU of who knows what", { uom: 132, commodity: 0, powerOfTenMultiplier: -2 }, "heat", 0.00029307107],
  ])("%s is so many kWh, and never electricity", (_, type, metric, kWh) => {
    const [reading] = decode(simple(type)).readings;
    expect(reading).toMatchObject({ metric, unit: "kWh" });
    expect(Math.abs(Number(reading!.value) / kWh - 1)).toBeLessThan(1e-7);
    expect(defineChannel(metric, { kind: "delta", unit: "kWh" }).medium).not.toBe("electricity");
  });

  it("without a commodity takes the service of its usage point", () => {
    const point = entry(
      link("self", "User/1/UsagePoint/01"),
      `<UsagePoint>${element("ServiceCategory", { kind: 1 })}</UsagePoint>`,
    );
    expect(brief(simple({ uom: 42, commodity: 0 }).replace("<entry>", `${point}<entry>`))).toEqual([
      "01 gas 100 m3 delta",
    ]);
  });

  it("of money is no measurement", () => {
    expect(decode(simple({ kind: 3, uom: 80 }))).toEqual({ readings: [] });
  });

  it.each([
    ["an unknown uom", { uom: 80 }, "uom 80 is no known unit"],
    ["a senseless multiplier", { powerOfTenMultiplier: "1e9" }, "powerOfTenMultiplier"],
  ])("with %s is refused", (_, type: Record<string, number | string>, why) => {
    expect(decode(simple(type))).toMatchObject({ readings: [], error: expect.stringContaining(why) });
  });
});

describe("an interval", () => {
  it("starts at its own time, and lasts as long as it says", () => {
    expect(decode(simple({}, interval(1, start + 900))).readings[0]).toMatchObject({
      timeMs: (start + 900) * 1000,
      durationS: 900,
    });
  });

  it("without a period has its place in its block", () => {
    const bare = "<IntervalReading><value>5</value></IntervalReading>";
    const { readings } = decode(simple({ intervalLength: 3600 }, bare + bare));
    expect(readings.map(({ timeMs, durationS }) => [timeMs! / 1000 - start, durationS])).toEqual([
      [0, 3600],
      [3600, 3600],
    ]);
    expect(decode(simple({}, bare))).toMatchObject({ readings: [], error: expect.stringContaining("no start") });
  });

  it("that is estimated counts, one that is forecast does not, and its cost is no reading", () => {
    const quality = (code: number) => `<cost>12345</cost><ReadingQuality><quality>${code}</quality></ReadingQuality>`;
    expect(brief(simple({}, interval(7, start, quality(8)) + interval(9, start + 900, quality(12))))).toEqual([
      "01 energy.import 0.007 kWh delta",
    ]);
  });

  it.each(["", "NaN", "unavailable"])("with the value %j is none, and never 0", (value) => {
    expect(brief(simple({}, interval(value) + interval(3, start + 900)))).toEqual(["01 energy.import 0.003 kWh delta"]);
  });
});

describe("a feed", () => {
  it("may have several usage points and meter readings, in any order", () => {
    const text = feed(
      block("B", "1", interval(3)),
      block("A", "2", interval(2)),
      block("A", "1", interval(1)),
      readingType("out", { ...wattHours, flowDirection: 19 }),
      readingType("in", wattHours),
      meter("A", "1", "in"),
      meter("A", "2", "out"),
      meter("B", "1", "in"),
    );
    expect(brief(text).sort()).toEqual(
      ["A energy.import 0.001 kWh delta", "A energy.export 0.002 kWh delta", "B energy.import 0.003 kWh delta"].sort(),
    );
  });

  it("may link in full, relative, and by the related link of the meter reading", () => {
    const text = feed(
      entry(link("self", "https://u.example/espi/1_1/resource/ReadingType/7?x=1"), element("ReadingType", wattHours)),
      entry(
        link("self", "https://u.example/espi/1_1/resource/RetailCustomer/9/UsagePoint/U/MeterReading/M/") +
          link("related", "/ReadingType/7"),
        "<MeterReading/>",
      ),
      entry(link("up", "/UsagePoint/U/MeterReading/M/IntervalBlock"), `<IntervalBlock>${interval(1)}</IntervalBlock>`),
      entry(
        link("self", "/MeterReading/N") +
          link("up", "/UsagePoint/V/MeterReading") +
          link("related", "/blocks/IntervalBlock/8") +
          link("related", "/ReadingType/7"),
        "<MeterReading/>",
      ),
      entry(
        link("self", "/blocks/IntervalBlock/8"),
        `<IntervalBlock>${interval(2)}</IntervalBlock><IntervalBlock>${interval(3)}</IntervalBlock>`,
      ),
    );
    expect(brief(text)).toEqual([
      "U energy.import 0.001 kWh delta",
      "V energy.import 0.002 kWh delta",
      "V energy.import 0.003 kWh delta",
    ]);
  });

  it("may hold the reading type in the meter reading", () => {
    const holder = entry(
      link("self", "User/1/UsagePoint/01/MeterReading/05"),
      `<MeterReading>${element("ReadingType", { ...wattHours, flowDirection: 19 })}</MeterReading>`,
    );
    expect(brief(feed(holder, block("01", "05", interval(100))))).toEqual(["01 energy.export 0.1 kWh delta"]);
  });

  it("with prefixes on everything is the same", () => {
    const prefixed = simple({})
      .replace(/<(\/?)(?!\?)([A-Za-z]+)/g, "<$1ns1:$2")
      .replace('xmlns="', 'xmlns:ns1="');
    expect(brief(prefixed)).toEqual(["01 energy.import 0.1 kWh delta"]);
  });

  it("that repeats hours as days does not count them twice", () => {
    const text = feed(
      block("A", "1", interval(1)),
      block("A", "2", interval(24)),
      meter("A", "1", "h"),
      meter("A", "2", "d"),
      readingType("h", { ...wattHours, intervalLength: 3600 }),
      readingType("d", { ...wattHours, intervalLength: 86_400 }),
    );
    expect(brief(text)).toEqual(["A energy.import 0.001 kWh delta", "A energy.day.import 0.024 kWh delta"]);
    expect(defineChannel("energy.day.import", { kind: "delta", unit: "kWh" }).part).toBe(true);
  });

  it("with a block that nothing explains gives the others, and says so", () => {
    const stray = block("01", "99", interval(1));
    expect(decode(simple({}).replace("</feed>", `${stray}</feed>`))).toMatchObject({
      readings: [{ metric: "energy.import" }],
      error: expect.stringContaining("meter reading is not in the feed"),
    });
  });

  it.each([
    [
      "a meter reading without a type",
      feed(block("1", "2", interval(1)), entry(link("self", "/UsagePoint/1/MeterReading/2"), "<MeterReading/>")),
    ],
    ["a truncated file", simple({}).slice(0, -30)],
    ["a DOCTYPE with entities", simple({}).replace("<feed", '<!DOCTYPE f [<!ENTITY a "1">]><feed')],
    ["an external entity", simple({}).replace("<feed", '<!DOCTYPE f SYSTEM "file:///etc/passwd"><feed')],
    ["another document", "<html><body/></html>"],
    ["nothing", ""],
    ["JSON", '{"value":1}'],
    ["nesting without end", "<feed>".repeat(5000) + "</feed>".repeat(5000)],
  ])("%s is refused with a sentence", (_, text) => {
    expect(decode(text)).toMatchObject({ readings: [], error: expect.any(String) });
  });

  it("with entities gives their text, not what they stand for", () => {
    expect(decode(simple({}, interval("&#49;0")))).toMatchObject({ readings: [] });
  });

  it("cannot change what all objects have", () => {
    const text = feed(`<entry><content><__proto__><polluted>1</polluted></__proto__><constructor/></content></entry>`);
    expect(decode(text).readings).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("without intervals, as those of customer data, is in order", () => {
    expect(decode(feed(entry("", "<Customer><name>A</name></Customer>")))).toEqual({ readings: [] });
  });
});

it.each([
  [post("", "/ingest/green-button"), "green-button"],
  [post("", "/ingest/greenbutton"), "green-button"],
  [post("", "/ingest/espi"), "green-button"],
  [post('<?xml version="1.0"?><feed xmlns:espi="http://naesb.org/espi"/>', "/ingest/upload"), "green-button"],
  [post("<html/>", "/ingest/upload"), undefined],
])("%# is for the right decoder", (message, format) => {
  expect(decoderOf(message)?.format).toBe(format);
});

it("any bytes, and any cut of a feed, never throw nor give what is no finite number", () => {
  const whole = bytes(simple({}, interval(100) + interval(3e300) + interval("x")));
  const cut = fc.tuple(fc.nat(whole.length), fc.nat(whole.length)).map(([a, b]) => {
    return new Uint8Array([...whole.slice(0, a), ...whole.slice(b)]);
  });
  fc.assert(
    fc.property(fc.oneof(cut, fc.uint8Array({ maxLength: 200 })), (payload) => {
      for (const { value } of greenButton.decode({ ...post(""), payload }, undefined).readings)
        expect(value).toSatisfy(Number.isFinite);
    }),
    { numRuns: 500 },
  );
});
