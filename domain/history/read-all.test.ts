import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guessHistory } from "./detect.ts";
import type { HistoryBatch, HistoryReader } from "./history.ts";
import { openHistory, type OneFile } from "./open-history.ts";
import type { CsvMapping } from "./options.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function readAll(reader: HistoryReader, file: Uint8Array, pieceBytes = 7): HistoryBatch {
  const batches: HistoryBatch[] = [];
  for (let at = 0; at < file.length; at += pieceBytes) batches.push(reader.feed(file.slice(at, at + pieceBytes)));
  batches.push(reader.end());
  return {
    readings: batches.flatMap((b) => b.readings),
    rows: batches.flatMap((b) => b.rows),
    refusals: batches.flatMap((b) => b.refusals),
    ambiguous: batches.reduce((sum, b) => sum + b.ambiguous, 0),
  };
}

function guessed(fileName: string, text: string, timezone = "Europe/Berlin") {
  const guess = guessHistory({ fileName, head: bytes(text), timezone });
  if (!guess.ok) throw new Error(guess.error);
  return { ...readAll(openHistory(guess.options as OneFile), bytes(text)), guess };
}

const shown = ({ readings }: HistoryBatch) =>
  readings.map(({ metric, value, unit, kind, timeMs }) => [
    metric,
    value,
    unit,
    kind,
    new Date(timeMs!).toISOString().replace(":00.000Z", "Z"),
  ]);

describe("CSV is understood from its first rows", () => {
  const cases: [string, string, string, unknown[][]][] = [
    [
      "German, semicolons, decimal commas, day and time apart",
      "netz.csv",
      'Datum;Uhrzeit;Bezug (kWh);Leistung [kW]\n14.03.2025;09:15;"1.234,50";1,5\n14.03.2025;09:30;1.234,75;0,25\n',
      [
        ["energy.import", 1234.5, "kWh", "counter", "2025-03-14T08:15Z"],
        ["power", 1500, "W", "gauge", "2025-03-14T08:15Z"],
        ["energy.import", 1234.75, "kWh", "counter", "2025-03-14T08:30Z"],
        ["power", 250, "W", "gauge", "2025-03-14T08:30Z"],
      ],
    ],
    [
      "a meter's register by its German name; of gas, where its unit is a volume",
      "zaehler.csv",
      "Datum;Zählerstand (kWh);Zählerstand Gas (m³)\n14.03.2025 09:15;1000;5\n15.03.2025 09:15;1001;6\n",
      [
        ["energy.import", 1000, "kWh", "counter", "2025-03-14T08:15Z"],
        ["zählerstand_gas", 5, "m3", "counter", "2025-03-14T08:15Z"],
        ["energy.import", 1001, "kWh", "counter", "2025-03-15T08:15Z"],
        ["zählerstand_gas", 6, "m3", "counter", "2025-03-15T08:15Z"],
      ],
    ],
    [
      "American days, told by the way from row to row",
      "meter.csv",
      "Time,energy.import\n03/09/2025 10:00,5\n03/10/2025 10:00,6\n03/11/2025 10:00,7\n",
      [
        ["energy.import", 5, "kWh", "counter", "2025-03-09T09:00Z"],
        ["energy.import", 6, "kWh", "counter", "2025-03-10T09:00Z"],
        ["energy.import", 7, "kWh", "counter", "2025-03-11T09:00Z"],
      ],
    ],
    [
      "an emoncms feed: unix seconds, no header; the file's name says what it is",
      "power.csv",
      "1741944413,1250\n1741944423,1260.5\n",
      [
        ["power", 1250, "W", "gauge", "2025-03-14T09:26:53.000Z"],
        ["power", 1260.5, "W", "gauge", "2025-03-14T09:27:03.000Z"],
      ],
    ],
    [
      "amounts of quarter-hours lie at the end of their interval",
      "load.csv",
      "Start,consumption_kwh\n2025-03-14T00:00:00Z,0.3\n2025-03-14T00:15:00Z,0.1\n2025-03-14T00:30:00Z,0.4\n2025-03-14T00:45:00Z,0.2\n",
      [
        ["consumption_kwh", 0.3, "kWh", "delta", "2025-03-14T00:15Z"],
        ["consumption_kwh", 0.1, "kWh", "delta", "2025-03-14T00:30Z"],
        ["consumption_kwh", 0.4, "kWh", "delta", "2025-03-14T00:45Z"],
        ["consumption_kwh", 0.2, "kWh", "delta", "2025-03-14T01:00Z"],
      ],
    ],
    [
      "a long file: a row for each value",
      "long.csv",
      "time,metric,value,unit\n1741944413000,power,1.5,kW\n1741944413000,energy.import,12,kWh\n",
      [
        ["power", 1500, "W", "gauge", "2025-03-14T09:26:53.000Z"],
        ["energy.import", 12, "kWh", "gauge", "2025-03-14T09:26:53.000Z"],
      ],
    ],
    [
      "Home Assistant statistics: a sum at the end of its hour, a mean in its middle",
      "statistics.csv",
      "statistic_id,unit,start,min,max,mean,sum,state\nsensor.grid_energy,kWh,26.01.2024 12:00,,,,10.5,100\nsensor.outside_temp,°C,26.01.2024 12:00,20,21,20.5,,\n",
      [
        ["grid_energy", 10.5, "kWh", "counter", "2024-01-26T12:00Z"],
        ["outside_temp", 20.5, "degC", "gauge", "2024-01-26T11:30Z"],
      ],
    ],
    [
      "Home Assistant history: what is unavailable is no reading",
      "history.csv",
      "entity_id,state,last_changed\nsensor.mains_power,420,2025-03-14T09:26:53.123Z\nsensor.mains_power,unavailable,2025-03-14T09:27:53.000Z\nswitch.boiler,on,2025-03-14T09:28:53.000Z\n",
      [
        ["mains_power", 420, null, "gauge", "2025-03-14T09:26:53.123Z"],
        ["switch.boiler", "on", null, "state", "2025-03-14T09:28:53.000Z"],
      ],
    ],
    [
      "dsmr-reader's hours",
      "dsmrreader.csv",
      "Hour Start,Electricity 1 (Low Tariff),Electricity 2 (High Tariff),Electricity 1 Returned (Low Tariff),Electricity 2 Returned (High Tariff),Gas\n2025-03-14 09:00,0.25,0.0,0.0,0.5,0.125\n",
      [
        ["energy.import.t1", 0.25, "kWh", "delta", "2025-03-14T09:00Z"],
        ["energy.import.t2", 0, "kWh", "delta", "2025-03-14T09:00Z"],
        ["energy.export.t1", 0, "kWh", "delta", "2025-03-14T09:00Z"],
        ["energy.export.t2", 0.5, "kWh", "delta", "2025-03-14T09:00Z"],
        ["gas", 0.125, "m3", "delta", "2025-03-14T09:00Z"],
      ],
    ],
    [
      "line protocol in seconds",
      "export.lp",
      "# DML\nCREATE DATABASE home\nmains,phase=l1 power=1250.5,on=t 1741944413\n",
      [
        ["mains.power", 1250.5, null, "gauge", "2025-03-14T09:26:53.000Z"],
        ["mains.on", true, null, "state", "2025-03-14T09:26:53.000Z"],
      ],
    ],
  ];

  it.each(cases)("%s", (_what, fileName, text, expected) => {
    const read = guessed(fileName, text);
    expect(shown(read)).toEqual(expected);
    expect(read.refusals).toEqual([]);
  });

  it("a row that is wrong does not make a register an amount", () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${String(i + 1).padStart(2, "0")}.03.2025 00:00;${100 + i}`);
    rows.splice(5, 0, "31.02.2025 00:00;1");
    const { guess, refusals } = guessed("x.csv", `Zeit;Bezug (kWh)\n${rows.join("\n")}\n`);
    expect(guess.ok && guess.csv?.mapping.columns[0]).toMatchObject({ metric: "energy.import", kind: "counter" });
    expect(refusals.map(({ row }) => row)).toEqual([7]);
  });

  it("says so where day and month could be the other way round", () => {
    const { guess } = guessed("x.csv", "Date,power\n03/04/2025,5\n");
    expect(guess.ok && guess.csv?.doubts).toEqual([expect.stringContaining("do not tell day from month")]);
  });

  it.each([
    ["words alone", "a,b\nc,d\n", "No column holds times"],
    ["no columns", "hello\nworld\n", "no columns"],
    ["no numbers", "time,text\n2025-03-14T09:26:53Z,abc\n", "No column holds numbers"],
  ])("a file that cannot be understood is refused by name: %s", (_what, text, error) => {
    const guess = guessHistory({ fileName: "x.csv", head: bytes(text), timezone: "UTC" });
    expect(guess).toMatchObject({ ok: false, format: "csv", error: expect.stringContaining(error) as string });
  });
});

describe("local times where the clock changes (Europe/Berlin)", () => {
  const mapping: CsvMapping = {
    delimiter: ",",
    decimal: ".",
    hasHeader: false,
    skipRows: 0,
    time: { columns: ["1"], pattern: "yyyy-MM-dd HH:mm" },
    metricColumn: null,
    unitColumn: null,
    columns: [{ column: "2", metric: "power", unit: "W", kind: "gauge", shiftS: 0 }],
  };
  const wall = (ms: number) => new Date(ms + offset(ms)).toISOString().slice(0, 16).replace("T", " ");
  const change = Date.UTC(2025, 9, 26, 1);
  const offset = (ms: number) => (ms < change ? 7_200_000 : 3_600_000);
  const day = Array.from({ length: 100 }, (_, i) => Date.UTC(2025, 9, 25, 22) + i * 900_000);
  const read = (instants: number[]) =>
    readAll(
      openHistory({ format: "csv", timezone: "Europe/Berlin", csv: mapping }),
      bytes(instants.map((ms, i) => `${wall(ms)},${i}`).join("\n")),
    );

  it("a day of 25 hours keeps its 100 quarter-hours, forward and backward", () => {
    expect(read(day).readings.map((r) => r.timeMs)).toEqual(day);
    expect(read([...day].reverse()).readings.map((r) => r.timeMs)).toEqual([...day].reverse());
    expect(read(day).ambiguous).toBe(8);
  });

  it("a time that the clock leaves out is refused by its row", () => {
    const text = "2025-03-30 01:45,1\n2025-03-30 02:15,2\n2025-03-30 03:00,3\n";
    const batch = readAll(openHistory({ format: "csv", timezone: "Europe/Berlin", csv: mapping }), bytes(text));
    expect(batch.readings.map((r) => r.timeMs)).toEqual([Date.UTC(2025, 2, 30, 0, 45), Date.UTC(2025, 2, 30, 1)]);
    expect(batch.refusals).toEqual([{ row: 2, reason: expect.stringContaining("never showed") as string }]);
  });

  it.each([
    ["2025-03-30", 23],
    ["2025-10-26", 25],
    ["2025-06-01", 24],
  ])("the amount of the day %s is spread over its %d hours", (date, hours) => {
    const csv: CsvMapping = {
      ...mapping,
      time: { columns: ["1"], pattern: "yyyy-MM-dd" },
      columns: [{ column: "2", metric: "energy", unit: "kWh", kind: "delta", shiftS: 0 }],
    };
    const { readings } = readAll(openHistory({ format: "csv", timezone: "Europe/Berlin", csv }), bytes(`${date},12`));
    expect(readings).toHaveLength(hours);
    expect(readings.reduce((sum, r) => sum + (r.value as number), 0)).toBeCloseTo(12, 9);
    expect(readings.at(-1)!.timeMs! - readings[0]!.timeMs!).toBe((hours - 1) * 3_600_000);
  });
});

describe("what is wrong is refused by its row, the rest is kept", () => {
  it("cells, times and cut rows", () => {
    const text = "time,power,voltage\n2025-03-14T09:00:00Z,abc,230\nyesterday,1,2\n\n2025-03-14T09:01:00Z,5\n,1,2\n";
    const csv = (column: string) => ({ column, metric: column, unit: null, kind: "gauge" as const, shiftS: 0 });
    const batch = readAll(
      openHistory({
        format: "csv",
        timezone: "UTC",
        csv: {
          ...{ delimiter: ",", decimal: ".", hasHeader: true, skipRows: 0, metricColumn: null, unitColumn: null },
          time: { columns: ["time"], pattern: "iso" },
          columns: [csv("power"), csv("voltage")],
        },
      }),
      bytes(text),
    );
    expect(batch.readings.map(({ metric, value }) => [metric, value])).toEqual([
      ["voltage", 230],
      ["power", 5],
    ]);
    expect(batch.rows).toEqual([2, 5]);
    expect(batch.refusals).toEqual([
      { row: 2, reason: 'power: "abc" is not a number' },
      { row: 3, reason: '"yesterday" is not a time of the form iso' },
      { row: 6, reason: "the row has no time" },
    ]);
  });

  it("a column that is not there fails the file, with what is there", () => {
    const reader = openHistory({
      format: "csv",
      timezone: "UTC",
      csv: {
        ...{ delimiter: ",", decimal: ".", hasHeader: true, skipRows: 0, metricColumn: null, unitColumn: null },
        time: { columns: ["when"], pattern: "iso" },
        columns: [{ column: "power", metric: "power", unit: "W", kind: "gauge", shiftS: 0 }],
      },
    });
    expect(() => reader.feed(bytes("time,power\n1,2\n"))).toThrow(
      'There is no column "when": the file has time, power.',
    );
  });

  it("lines that are no line protocol", () => {
    const batch = readAll(openHistory({ format: "influx", precision: "s" }), bytes("m v=1 1741944413\nm v=\nm v=2\n"));
    expect(batch.readings).toHaveLength(1);
    expect(batch.refusals.map(({ row }) => row)).toEqual([2, 3]);
  });
});

describe("emoncms", () => {
  it("PHPFina: values at a fixed interval, NaN is none, a cut end is said", () => {
    const file = new DataView(new ArrayBuffer(14));
    [20.1, NaN, 16_777_216].forEach((value, i) => file.setFloat32(i * 4, value, true));
    const options = {
      format: "phpfina",
      feed: { metric: "power", unit: "kW" },
      startS: 1_741_944_410,
      intervalS: 10,
    } as const;
    const batch = readAll(openHistory(options), new Uint8Array(file.buffer));
    expect(batch.readings.map(({ timeMs, value, unit }) => [timeMs, value, unit])).toEqual([
      [1_741_944_410_000, 20_100, "W"],
      [1_741_944_430_000, 16_777_216_000, "W"],
    ]);
    expect(batch.refusals).toEqual([{ row: 4, reason: "the last record is cut: 2 bytes of 4" }]);
  });

  it("PHPTimeSeries: records of nine bytes", () => {
    const file = new DataView(new ArrayBuffer(18));
    [1_741_944_413, 1_741_944_500].forEach((time, i) => {
      file.setUint8(i * 9, 249);
      file.setUint32(i * 9 + 1, time, true);
      file.setFloat32(i * 9 + 5, 0.3 + i, true);
    });
    const head = new Uint8Array(file.buffer);
    const guess = guessHistory({ fileName: "feed_3", head, timezone: "UTC" });
    expect(guess).toMatchObject({ ok: true, options: { format: "phptimeseries", feed: { metric: "feed_3" } } });
    const batch = readAll(openHistory({ format: "phptimeseries", feed: { metric: "x", unit: null } }), head);
    expect(batch.readings.map(({ timeMs, value }) => [timeMs, value])).toEqual([
      [1_741_944_413_000, 0.3],
      [1_741_944_500_000, 1.3],
    ]);
  });
});

it("how a file is cut into pieces changes nothing", () => {
  const cell = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('"a,b"', '"x\ny"', '"q""q"', "é€😀", "12.5"));
  const rows = fc.array(fc.tuple(cell, cell), { maxLength: 12 });
  const line = (cells: string[]) => cells.map((c) => (/^".*"$/s.test(c) ? c : c.replace(/[",\r\n]/g, ""))).join(",");
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 40 }), (given, size) => {
      const csv: CsvMapping = {
        ...{ delimiter: ",", decimal: ".", hasHeader: true, skipRows: 0, metricColumn: null, unitColumn: null },
        time: { columns: ["t"], pattern: "iso" },
        columns: [{ column: "v", metric: "v", unit: null, kind: "any", shiftS: 0 }],
      };
      const text = bytes(`t,v\n${given.map((cells) => line(["2025-03-14T09:00:00Z", ...cells])).join("\n")}`);
      const whole = readAll(openHistory({ format: "csv", timezone: "UTC", csv }), text, text.length);
      expect(readAll(openHistory({ format: "csv", timezone: "UTC", csv }), text, size)).toEqual(whole);
    }),
  );
});
