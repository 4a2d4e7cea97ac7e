import { describe, expect, it } from "vitest";
import { defineChannel } from "../device/vocabulary.ts";
import type { DeviceChannel } from "./primary.ts";
import { rivalsOf } from "./rivals.ts";

const channel = (metric: string, role: DeviceChannel["role"] = "consumer"): DeviceChannel => ({
  ...defineChannel(metric, { kind: "gauge", unit: null }),
  key: metric,
  metric,
  role,
});

describe("rivals of a primary channel", () => {
  it.each([
    ["energy.import", ["energy.import.t1", "energy.import.t2", "energy.today", "power"], "all"],
    ["energy.import.t1", ["energy.import.t2"], []],
    ["energy.import.t1", ["energy.import", "energy.import.t2"], ["energy.import"]],
    ["energy.import.l1", ["energy.import.l2", "energy.import.l3"], []],
    ["power.l1", ["energy.import.l1"], ["energy.import.l1"]],
    ["energy.import.ch0", ["energy.import.ch1", "power.ch0", "power.ch1"], ["power.ch0"]],
    ["power", ["energy.import.ch0", "energy.import.ch1"], "all"],
  ])("%s among %j", (chosen, others, expected) => {
    const found = rivalsOf(
      channel(chosen),
      others.map((metric) => channel(metric)),
    );
    expect(found.map((c) => c.key)).toEqual(expected === "all" ? others : expected);
  });

  it("another role is another flow", () => {
    expect(rivalsOf(channel("energy.import", "grid_import"), [channel("energy.export", "grid_export")])).toEqual([]);
  });
});
