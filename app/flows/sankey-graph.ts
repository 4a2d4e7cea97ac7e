import type { MeterId } from "../../domain/site/meter.ts";
import { sinks, sources, type Sink, type Source, type Way } from "../../domain/site/split.ts";
import type { Consumer, ShownFlow } from "./load-flows.server.ts";

/** What the picture of the flows draws: who gives to whom, and how much. Both sides of every node are equal. */
export type Look =
  "sun" | "battery" | "grid" | "unexplained" | "home" | "charge" | "export" | "rest" | `device-${number}`;

export interface GraphNode {
  id: string;
  name: string;
  look: Look;
}

export interface GraphLink {
  from: string;
  to: string;
  kwh: number;
  /** Whose colour it has. */
  look: Look;
  /** A flow from a source to a sink, or into a consumer, or what no consumer measured. */
  of?: { way: Way } | { consumer: MeterId } | "untracked";
}

export interface Graph {
  nodes: GraphNode[];
  links: GraphLink[];
}

const sourceNames: Record<Source, string> = {
  grid: "From the grid",
  sun: "From the sun",
  battery: "From the battery",
  unexplained: "Not measured",
};
const sinkNodes: Record<Sink, GraphNode> = {
  home: { id: "home", name: "Used here", look: "home" },
  battery: { id: "charge", name: "Into the battery", look: "charge" },
  grid: { id: "export", name: "To the grid", look: "export" },
};

export const sourceName = (source: Source): string => sourceNames[source];
export const sinkName = (sink: Sink): string => sinkNodes[sink].name;

/** Less than this share of all is too thin to see, and joins its like. */
const thinnest = 0.004;
/** Beside more than this, names would have no room. */
const mostBeside = 9;
export const deviceLooks = 8;

export function graphOf(total: ShownFlow, consumers: readonly Consumer[]): Graph {
  const all = Math.max(1e-9, total.consumption + total.chargeKwh + total.exportKwh);
  const links: GraphLink[] = sources.flatMap((source) =>
    sinks.flatMap((sink) => {
      const way: Way = `${source}>${sink}`;
      const kwh = total.ways[way];
      return kwh / all < thinnest / 10
        ? []
        : [{ from: source, to: sinkNodes[sink].id, kwh, look: source as Look, of: { way } }];
    }),
  );
  const nodes: GraphNode[] = [
    ...sources.map((source): GraphNode => ({ id: source, name: sourceNames[source], look: source })),
    ...sinks.map((sink) => sinkNodes[sink]),
  ];
  if (consumers.some(({ attributed }) => attributed / all >= thinnest))
    addParts({ nodes, links, all, consumers, colour: 0 }, null, { id: "home", rest: total.untracked });
  const used = new Set(links.flatMap(({ from, to }) => [from, to]));
  return { nodes: nodes.filter(({ id }) => used.has(id)), links };
}

interface Growing extends Graph {
  all: number;
  consumers: readonly Consumer[];
  /** The next colour of a consumer. */
  colour: number;
}

/** The parts of a whole, the thickest first; the thin ones together; and what none of them measured. */
function addParts(graph: Growing, wholeId: string | null, whole: { id: string; rest: number }): void {
  const parts = graph.consumers.filter((one) => one.wholeId === wholeId).sort((a, b) => b.attributed - a.attributed);
  if (!parts.length) return;
  const isShown = ({ attributed }: Consumer, i: number) => i < mostBeside && attributed / graph.all >= thinnest;
  for (const part of parts.filter(isShown)) {
    const look: Look = `device-${graph.colour++ % deviceLooks}`;
    graph.nodes.push({ id: part.id, name: part.name, look });
    graph.links.push({ from: whole.id, to: part.id, kwh: part.attributed, look, of: { consumer: part.id } });
    addParts(graph, part.id, part);
  }
  const thin = parts.filter((part, i) => !isShown(part, i));
  const others = { name: thin.length === 1 ? thin[0]!.name : `${thin.length} others`, kwh: sum(thin) };
  addRest(graph, whole.id, { key: "others", ...others });
  const isHome = whole.id === "home";
  addRest(graph, whole.id, { key: "rest", name: isHome ? "Not tracked" : "Rest of it", kwh: whole.rest, isHome });
}

const sum = (parts: readonly Consumer[]) => parts.reduce((total, { attributed }) => total + attributed, 0);

interface Rest {
  key: string;
  name: string;
  kwh: number;
  isHome?: boolean;
}

function addRest(graph: Growing, from: string, { key, name, kwh, isHome = false }: Rest): void {
  if (kwh / graph.all < thinnest) return;
  const id = `${from} ${key}`;
  graph.nodes.push({ id, name, look: "rest" });
  graph.links.push({ from, to: id, kwh, look: "rest", ...(isHome && { of: "untracked" }) });
}
