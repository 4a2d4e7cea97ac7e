import { sankey, sankeyLeft, sankeyLinkHorizontal } from "d3-sankey";
import { useMemo } from "react";
import type { Formats } from "../charts/formats.ts";
import type { Graph, GraphLink, GraphNode, Look } from "./sankey-graph.ts";

/** Whole class names, so that the style sheet has them. They differ in lightness too, and every node has its name beside it. */
const looks: Record<string, { fill: string; stroke: string }> = {
  sun: { fill: "fill-amber-400", stroke: "stroke-amber-400" },
  battery: { fill: "fill-fuchsia-700 dark:fill-fuchsia-500", stroke: "stroke-fuchsia-700 dark:stroke-fuchsia-500" },
  grid: { fill: "fill-sky-600 dark:fill-sky-500", stroke: "stroke-sky-600 dark:stroke-sky-500" },
  unexplained: { fill: "fill-slate-500", stroke: "stroke-slate-500" },
  home: { fill: "fill-emerald-600 dark:fill-emerald-500", stroke: "stroke-emerald-600 dark:stroke-emerald-500" },
  charge: { fill: "fill-fuchsia-300 dark:fill-fuchsia-800", stroke: "stroke-fuchsia-300" },
  export: { fill: "fill-slate-400 dark:fill-slate-500", stroke: "stroke-slate-400" },
  rest: { fill: "fill-slate-300 dark:fill-slate-600", stroke: "stroke-slate-400 dark:stroke-slate-500" },
  "device-0": { fill: "fill-teal-600 dark:fill-teal-500", stroke: "stroke-teal-600 dark:stroke-teal-500" },
  "device-1": { fill: "fill-indigo-500 dark:fill-indigo-400", stroke: "stroke-indigo-500 dark:stroke-indigo-400" },
  "device-2": { fill: "fill-orange-500 dark:fill-orange-400", stroke: "stroke-orange-500 dark:stroke-orange-400" },
  "device-3": { fill: "fill-rose-700 dark:fill-rose-500", stroke: "stroke-rose-700 dark:stroke-rose-500" },
  "device-4": { fill: "fill-lime-600 dark:fill-lime-400", stroke: "stroke-lime-600 dark:stroke-lime-400" },
  "device-5": { fill: "fill-cyan-800 dark:fill-cyan-300", stroke: "stroke-cyan-800 dark:stroke-cyan-300" },
  "device-6": { fill: "fill-violet-400 dark:fill-violet-300", stroke: "stroke-violet-400 dark:stroke-violet-300" },
  "device-7": { fill: "fill-yellow-700 dark:fill-yellow-500", stroke: "stroke-yellow-700 dark:stroke-yellow-500" },
};
const lookOf = (look: Look) => looks[look]!;

interface PictureProps {
  graph: Graph;
  /** What a flow cost and emitted: ", 4.6 kg CO₂, €3.60"; empty where nothing is known. */
  worthOf: (of: NonNullable<GraphLink["of"]>) => string;
  formats: Formats;
}

interface SankeyProps extends PictureProps {
  /** The same without the parts of consumers, whose names would have no room on a phone. */
  shallow: Graph;
}

/** Drawn twice, for a desk and for a phone; the style sheet shows the one that fits, before any script runs. */
export function Sankey({ graph, shallow, ...rest }: SankeyProps) {
  return (
    <div data-testid="sankey">
      <Picture graph={graph} {...rest} width={960} perNode={46} text={14} className="hidden sm:block" />
      <Picture graph={shallow} {...rest} width={360} perNode={44} text={12} isNarrow className="sm:hidden" />
    </div>
  );
}

interface SizedProps extends PictureProps {
  width: number;
  perNode: number;
  text: number;
  isNarrow?: boolean;
  className: string;
}

const nodeWidth = 12;

function Picture({ graph, worthOf, formats, width, perNode, text, isNarrow = false, className }: SizedProps) {
  const { nodes, links, height } = useMemo(() => layOut(graph, width, perNode), [graph, width, perNode]);
  const lastX = Math.max(...nodes.map(({ x1 }) => x1 ?? 0));
  const path = sankeyLinkHorizontal();
  const words = (link: GraphLink) => `${linkWords(graph, link, formats)}${link.of ? worthOf(link.of) : ""}`;
  const worthOfNode = (id: string) => {
    const own = graph.links.find(
      ({ to, of }) => to === id && of !== undefined && (of === "untracked" || !("way" in of)),
    );
    return own?.of ? worthOf(own.of) : "";
  };
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Energy flows: ${graph.links.map((link) => words(link)).join("; ")}`}
      className={`h-auto w-full ${className}`}
    >
      <g className="fill-none">
        {links.map((link, i) => (
          <path
            key={i}
            d={path(link) ?? undefined}
            strokeWidth={Math.max(1, link.width ?? 0)}
            className={`${lookOf(link.look).stroke} opacity-35 transition-opacity hover:opacity-60`}
          >
            <title>{words(graph.links[i]!)}</title>
          </path>
        ))}
      </g>
      {nodes.map((node) => {
        const [x0, x1, y0, y1] = [node.x0 ?? 0, node.x1 ?? 0, node.y0 ?? 0, node.y1 ?? 0];
        const isLast = x1 >= lastX - 1;
        const nameAt = isLast ? x0 - 6 : x1 + 6;
        return (
          <g key={node.id}>
            <rect
              x={x0}
              y={y0}
              width={x1 - x0}
              height={Math.max(1.5, y1 - y0)}
              rx={2}
              className={lookOf(node.look).fill}
            >
              <title>{`${node.name}: ${formats.energy(node.value ?? 0)}${worthOfNode(node.id)}`}</title>
            </rect>
            <text
              x={nameAt}
              y={(y0 + y1) / 2}
              textAnchor={isLast ? "end" : "start"}
              fontSize={text}
              className="fill-slate-900 stroke-white [paint-order:stroke] [stroke-linejoin:round] [stroke-width:4px] dark:fill-slate-50 dark:stroke-slate-900"
            >
              <tspan x={nameAt} dy={isNarrow ? "-0.25em" : "0.35em"}>
                {shortened(node.name, isNarrow ? 16 : 28)}
              </tspan>
              <tspan
                {...(isNarrow ? { x: nameAt, dy: "1.15em" } : { dx: 6 })}
                className="fill-slate-600 tabular-nums dark:fill-slate-300"
              >
                {formats.energy(node.value ?? 0)}
              </tspan>
            </text>
          </g>
        );
      })}
    </svg>
  );
}

const shortened = (name: string, most: number) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

function linkWords({ nodes }: Graph, { from, to, kwh }: GraphLink, formats: Formats): string {
  const nameOf = (id: string) => nodes.find((node) => node.id === id)?.name ?? "";
  return `${nameOf(from)} → ${nameOf(to)}: ${formats.energy(kwh)}`;
}

/** High enough for the names of the fullest column. */
function layOut(graph: Graph, width: number, perNode: number) {
  const depths = depthsOf(graph);
  const columns = new Map<number, number>();
  for (const depth of depths.values()) columns.set(depth, (columns.get(depth) ?? 0) + 1);
  const height = Math.max(200, Math.max(...columns.values()) * perNode + 24);
  const lay = sankey<GraphNode, { look: Look; value: number }>()
    .nodeId((node) => node.id)
    .nodeAlign(sankeyLeft)
    .nodeWidth(nodeWidth)
    .nodePadding(perNode - 16)
    // As given: the parts of a whole beside each other, the thickest first.
    .nodeSort(() => 0)
    .extent([
      [1, 8],
      [width - 1, height - 12],
    ]);
  const laid = lay({
    nodes: graph.nodes.map((node) => ({ ...node })),
    links: graph.links.map(({ from, to, kwh, look }) => ({ source: from, target: to, value: kwh, look })),
  });
  return { ...laid, height };
}

/** How many steps a node is from the sources. */
function depthsOf({ nodes, links }: Graph): Map<string, number> {
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    const before = links.filter(({ to }) => to === id).map(({ from }) => depthOf(from) + 1);
    const depth = Math.max(0, ...before);
    depths.set(id, depth);
    return depth;
  };
  for (const { id } of nodes) depthOf(id);
  return depths;
}
