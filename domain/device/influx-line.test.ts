import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostFaults, parseLines } from "./influx-line.ts";
import { scanFields, scanSeries, scanTime } from "./influx-scan.ts";

const only = (line: string, precision = "s") => {
  const { readings, faults } = parseLines(line, precision);
  expect(faults).toEqual([]);
  return readings;
};
const why = (line: string, precision = "s") => {
  const { readings, faults } = parseLines(line, precision);
  expect(readings).toEqual([]);
  expect(faults).toHaveLength(1);
  expect(faults[0]!.startsWith(`unable to parse '${line}': `)).toBe(true);
  return faults[0]!.slice(`unable to parse '${line}': `.length);
};

describe("values", () => {
  it.each([
    ["1", 1],
    ["-1.5", -1.5],
    [".5", 0.5],
    ["1.", 1],
    ["-0.0", 0],
    ["1e+2", 100],
    ["1.5e3", 1500],
    ["0.1", 0.1],
    ["48211.375", 48211.375],
    ["123456789012345678", 123456789012345680],
    ["0.12345678901234567", 0.12345678901234567],
    ["42i", 42],
    ["-42i", -42],
    ["9223372036854775807i", 9223372036854775807],
    ["18446744073709551615u", 18446744073709551615],
    ["t", true],
    ["True", true],
    ["FALSE", false],
    ['"a b,c=d"', "a b,c=d"],
    ['"C:\\\\log \\"x\\" \\n"', 'C:\\log "x" \\n'],
    ['"line\nbreak"', "line\nbreak"],
    ['""', ""],
  ])("%s", (token, value) => {
    expect(only(`m v=${token} 1`)).toEqual([
      {
        device: "@token",
        metric: "m.v",
        value,
        unit: null,
        timeMs: 1000,
        kind: typeof value === "number" ? "gauge" : "state",
        tags: {},
      },
    ]);
  });
});

describe("faults, in InfluxDB's words", () => {
  it.each([
    ["mains", "missing fields"],
    ["mains,a=1", "missing fields"],
    [",a=1 v=1", "missing measurement"],
    ["m, v=1", "missing tag key"],
    ["m,=1 v=1", "missing tag key"],
    ["m,a v=1", "missing tag value"],
    ["m,a= v=1", "missing tag value"],
    ["m,a=b=c v=1", "invalid tag format"],
    ["m,a=1,b=2,a=3 v=1", "duplicate tags"],
    ["m =1", "missing field key"],
    ["m v=1,=2", "missing field key"],
    ["m v=", "missing field value"],
    ["m v= 1", "missing field value"],
    ["m v=,w=1", "missing field value"],
    ["m v", "invalid field format"],
    ["m v=1,w", "invalid field format"],
    ["m v=1,", "invalid field format"],
    ['m v="a', "unbalanced quotes"],
    ["m v=NaN", "invalid number"],
    ["m v=nan", "invalid number"],
    ["m v=-", "invalid number"],
    ["m v=.", "invalid number"],
    ["m v=1.5i", "invalid number"],
    ["m v=1.2.3", "invalid number"],
    ["m v=12abc", "invalid number"],
    ["m v=-1u", "invalid number"],
    ["m v=1e999", "invalid float"],
    ["m v=1e", "invalid float"],
    ["m v=Inf", "invalid boolean"],
    ["m v=+1", "invalid boolean"],
    ["m v=tru", "invalid boolean"],
    ["m v=hello", "invalid boolean"],
    [
      "m v=9223372036854775808i",
      'unable to parse integer 9223372036854775808: strconv.ParseInt: parsing "9223372036854775808": value out of range',
    ],
    ["m v=1 1.5", "bad timestamp"],
    ["m v=1 2025-03-14", "bad timestamp"],
    ['m v=1 "1"', "bad timestamp"],
    ["m v=1 1 2", "point is invalid"],
    ["m v=1 9223372037", "time outside range -9223372036854775806 - 9223372036854775806"],
    ["m v=1 99999999999999999999", 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
  ])("%s: %s", (line, words) => {
    expect(why(line)).toBe(words);
  });

  it("keeps the good lines, and does not answer a batch of rubbish with all of it", () => {
    const batch = parseLines("a v=1\nb v=\nc v=3", "s");
    expect(batch.readings.map(({ metric }) => metric)).toEqual(["a.v", "c.v"]);
    expect(parseLines("x\n".repeat(5000), "s").faults).toHaveLength(mostFaults);
  });

  it(
    "are not answered by an equally large answer, nor worked at for long, when they are long",
    { timeout: 1_000 },
    () => {
      const long = [`m f=${"[".repeat(100_000)}`, `m f=${"9".repeat(1_000_000)}i`, `m f=-${"9".repeat(1_000_000)}i`];
      for (const line of long) expect(parseLines(line, "s").faults[0]!.length).toBeLessThan(2500);
      expect(parseLines(`m f=${"0".repeat(1000)}7i`, "s").readings[0]!.value).toBe(7);
    },
  );

  it("takes back the fields of a line that breaks later on", () => {
    expect(parseLines("m a=1,b=2,c=x 1", "s").readings).toEqual([]);
  });
});

describe("times", () => {
  it.each([
    ["1741944413123456789", "ns", 1741944413123.4568],
    ["1741944413000000000", "n", 1741944413000],
    ["1741944413000001", "u", 1741944413000.001],
    ["1741944413589793", "us", 1741944413589.793],
    ["1741944413589", "ms", 1741944413589],
    ["1741944413", "s", 1741944413000],
    ["29032406", "m", 1741944360000],
    ["483873", "h", 1741942800000],
    ["1", "ns", 0.000001],
    ["-1500", "ms", -1500],
    ["-1500000", "ns", -1.5],
    ["9223372036854775806", "ns", 9223372036854.775],
  ])("%s %s", (stamp, precision, ms) => {
    expect(only(`m v=1 ${stamp}`, precision)[0]!.timeMs).toBeCloseTo(ms, 3);
  });

  it("is null where there is none", () => {
    expect(only("m v=1")[0]!.timeMs).toBeNull();
    expect(only("m v=1 ")[0]!.timeMs).toBeNull();
  });
});

describe("names", () => {
  it("undoes escapes, and leaves other backslashes and quotes alone", () => {
    const [reading] = only(String.raw`warm\ water\,x,a\ b=c\,d\=e,p=C:\dir,"q"="z" power\ now=1 1`);
    expect(reading).toMatchObject({
      metric: "warm water,x.power now",
      tags: { "a b": "c,d=e", p: "C:\\dir", '"q"': '"z"' },
    });
  });

  it("shares the tags of equal series, and does not mix up those of others", () => {
    const readings = only("m,a=1 v=1 1\nm,a=2 v=2 1\nm,a=1 v=3,w=4 2\nm v=5 3");
    expect(readings.map(({ tags }) => tags)).toEqual([{ a: "1" }, { a: "2" }, { a: "1" }, { a: "1" }, {}]);
    expect(readings[0]!.tags).toBe(readings[2]!.tags);
  });

  it("keeps fields apart whose names begin alike, in any order", () => {
    const readings = only("m a=1,ab=2 1\nm ab=3,a=4 2\nm a=5 3\nm abc=6,ab=7,a=8 4");
    expect(readings.map(({ metric, value }) => `${metric}=${String(value)}`)).toEqual([
      ...["m.a=1", "m.ab=2", "m.ab=3", "m.a=4", "m.a=5", "m.abc=6", "m.ab=7", "m.a=8"],
    ]);
  });

  it("a tag may be called __proto__", () => {
    const [reading] = only("m,__proto__=x v=1 1");
    expect(Object.entries(reading!.tags!)).toEqual([["__proto__", "x"]]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it("drops points whose tag or only field is called time, and skips such a field beside others", () => {
    expect(parseLines("m,time=1 v=1 1\nn v=2 1", "s")).toMatchObject({
      readings: [{ metric: "n.v" }],
      dropped: 1,
      dropReason: 'invalid tag key: input tag "time" on measurement "m" is invalid',
    });
    expect(parseLines("m time=5 1", "s")).toMatchObject({
      readings: [],
      dropped: 1,
      dropReason: 'invalid field name: input field "time" on measurement "m" is invalid',
    });
    expect(only("m time=5,v=1 1").map(({ metric }) => metric)).toEqual(["m.v"]);
  });
});

describe("lines", () => {
  it("passes over comments, blank lines, extra spaces and carriage returns", () => {
    const text = "# c v=1 1\r\n\r\n \t m,a=b   v=1   1  \r\n\t#x\nm,a=b v=2 2";
    expect(only(text).map(({ value, timeMs }) => [value, timeMs])).toEqual([
      [1, 1000],
      [2, 2000],
    ]);
  });

  it("reads ordinary lines between lines with texts", () => {
    const text = 'm v=1 1\nm s="a\nb",v=2 2\nm v=3 3\nm\\ x v=4 4\nm v=5 5';
    expect(only(text).map(({ value }) => value)).toEqual([1, "a\nb", 2, 3, 4, 5]);
  });
});

const name = fc.string({ unit: fc.constantFrom(...'aZ9_é ,=\\"'), minLength: 1, maxLength: 6 }).filter(
  // A backslash before a separator or at the end cannot be written in line protocol.
  (text) => !/\\(?=[,= "]|$)/.test(text) && !/^[#\s]/.test(text) && text !== "time",
);
const escapeTag = (text: string) => text.replace(/[,= ]/g, "\\$&");
const escapeMeasurement = (text: string) => text.replace(/[, ]/g, "\\$&");
const escapeText = (text: string) => text.replace(/[\\"]/g, "\\$&");
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.string({ unit: fc.constantFrom(...'ab ,=\\"\n') }),
);

describe("properties", () => {
  it("what is written comes back", () => {
    const point = fc.record({
      measurement: name.filter((text) => !/^[,"]/.test(text) && !text.includes("\\")),
      tags: fc.dictionary(name, name, { maxKeys: 3, noNullPrototype: true }),
      fields: fc.dictionary(name, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
      ms: fc.integer({ min: -9e12, max: 9e12 }),
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 4 }), (points) => {
        const lines = points.map(({ measurement, tags, fields, ms }) => {
          const key = [
            escapeMeasurement(measurement),
            ...Object.entries(tags).map(([k, v]) => `${escapeTag(k)}=${escapeTag(v)}`),
          ];
          const body = Object.entries(fields).map(
            ([k, v]) => `${escapeTag(k)}=${typeof v === "string" ? `"${escapeText(v)}"` : String(v)}`,
          );
          return `${key.join(",")} ${body.join(",")} ${ms}`;
        });
        const expected = points.flatMap(({ measurement, tags, fields, ms }) =>
          Object.entries(fields).map(([k, v]) => ({
            metric: `${measurement}.${k}`,
            value: typeof v === "number" ? v + 0 : v,
            timeMs: ms,
            tags,
          })),
        );
        const { readings, faults } = parseLines(lines.join("\n"), "ms");
        expect(faults).toEqual([]);
        expect(readings.map(({ metric, value, timeMs, tags }) => ({ metric, value, timeMs, tags }))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("any text is read without a throw, and only finite numbers come out", () => {
    const rough = fc.string({ unit: fc.constantFrom(...'m v,="\\1-.eitT# \n\r\t\0NaI9'), maxLength: 40 });
    fc.assert(
      fc.property(rough, fc.constantFrom("ns", "u", "ms", "s", "m", "h"), (text, precision) => {
        for (const { value, kind } of parseLines(text, precision).readings)
          expect(kind === "state" || Number.isFinite(value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("an ordinary line reads the same as by the exact rules", () => {
    const rough = fc.string({ unit: fc.constantFrom(..."mvw,= 1.-eit9"), maxLength: 24 });
    const likely = fc
      .tuple(fc.constantFrom("m", "m,a=1", "m,a"), rough, fc.constantFrom("", " 1", " 12345", " x"))
      .map(([series, fields, time]) => `${series} ${fields}${time}`);
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((v) => `m v=${v.toString()},w=1 1`);
    fc.assert(
      fc.property(fc.oneof(rough, likely, number), (line) => {
        const { readings, faults } = parseLines(`m a=1,b=2 1\n${line}`, "ms");
        expect(readings.slice(2).map(({ metric, value, timeMs, tags }) => ({ metric, value, timeMs, tags }))).toEqual(
          exactly(line.trimStart()).readings,
        );
        expect(faults).toEqual(exactly(line.trimStart()).faults);
      }),
      { numRuns: 5000 },
    );
  });
});

/** A line by the exact scanner alone. */
function exactly(line: string): { readings: object[]; faults: string[] } {
  if (line === "") return { readings: [], faults: [] };
  try {
    const { measurement, tags, end } = scanSeries(line);
    const { fields, end: fieldsEnd } = scanFields(line, end);
    const timeMs = scanTime(line, fieldsEnd, "ms");
    const readings = fields.map(({ key, value }) => ({ metric: `${measurement}.${key}`, value, timeMs, tags }));
    return { readings, faults: [] };
  } catch (cause) {
    return { readings: [], faults: [`unable to parse '${line}': ${(cause as Error).message}`] };
  }
}
