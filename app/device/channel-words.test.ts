import { expect, test } from "vitest";
import { channelTitle } from "./channel-words.ts";

test.each([
  [{ name: "", metric: "energy.import" }, "Energy import"],
  [{ name: "", metric: "power.l2" }, "Power, phase 2"],
  [{ name: "", metric: "state_of_charge" }, "State of charge"],
  [{ name: "", metric: "inverter.energy_total_kwh" }, "Inverter energy total"],
  [{ name: "Kettle", metric: "power" }, "Kettle"],
  [{ name: "", metric: "mains.power", tags: { slave_id: "1", room: "Cellar" } }, "Mains power (1, Cellar)"],
])("%j is %s", (channel, title) => expect(channelTitle(channel)).toBe(title));
