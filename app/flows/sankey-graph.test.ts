import { expect, test } from "vitest";
import { ways, type Way } from "../../domain/site/split.ts";
import type { Consumer, ShownFlow } from "./load-flows.server.ts";
import { graphOf } from "./sankey-graph.ts";

const consumer = (id: Consumer["id"], attributed: number, change: Partial<Consumer> = {}): Consumer => ({
  ...{ id, name: id, wholeId: null, amount: attributed, attributed, rest: attributed, excess: 0, estimated: 0 },
  worth: null,
  ...change,
});

function flow(taken: Partial<Record<Way, number>>, untracked: number): ShownFlow {
  const all = Object.fromEntries(ways.map((way) => [way, taken[way] ?? 0])) as Record<Way, number>;
  const sum = (end: string) => ways.filter((way) => way.endsWith(end)).reduce((kwh, way) => kwh + all[way], 0);
  return {
    ...{
      startMs: 0,
      endMs: 1,
      estimated: 0,
      excess: 0,
      completeness: 1,
      counted: [],
      unexplainedKwh: 0,
      hasGrid: true,
      emissions: null,
    },
    ...{ importKwh: 0, productionKwh: 0, dischargeKwh: 0, selfConsumption: null, selfSufficiency: null },
    ...{ ways: all, consumption: sum(">home"), chargeKwh: sum(">battery"), exportKwh: sum(">grid"), untracked },
  };
}

/** What goes through a node, on each of its sides. */
function sides(graph: ReturnType<typeof graphOf>, id: string) {
  const sum = (end: "from" | "to") =>
    graph.links.filter((link) => link[end] === id).reduce((kwh, link) => kwh + link.kwh, 0);
  return [sum("to"), sum("from")];
}

test("what comes into the home and into a whole goes out of it again", () => {
  const consumers = [
    consumer("c1", 6, { rest: 4 }),
    consumer("c2", 2, { wholeId: "c1" }),
    ...Array.from({ length: 14 }, (_, i) => consumer(`c${i + 10}`, 0.25)),
  ];
  const graph = graphOf(flow({ "grid>home": 7, "sun>home": 5, "sun>grid": 3 }, 2.5), consumers);
  expect(sides(graph, "home")).toEqual([12, 12]);
  expect(sides(graph, "c1")).toEqual([6, 6]);
  // Beside nine, the others are one.
  expect(graph.nodes.map(({ name }) => name)).toContain("6 others");
  expect(graph.nodes.map(({ name }) => name)).toContain("Not tracked");
});

test("what did not flow is not drawn", () => {
  const graph = graphOf(flow({ "grid>home": 1 }, 1), []);
  expect(graph).toMatchObject({
    nodes: [{ id: "grid" }, { id: "home" }],
    links: [{ from: "grid", to: "home", kwh: 1 }],
  });
});
