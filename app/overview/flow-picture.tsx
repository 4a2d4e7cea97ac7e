import { BatteryMedium, House, Sun, UtilityPole, type LucideIcon } from "lucide-react";
import type { PowerNow } from "../../domain/site/power-now.ts";
import type { Formats } from "../charts/formats.ts";
import { tones, type Tone } from "../charts/tones.ts";
import "./flow-picture.css";

interface Node {
  key: string;
  icon: LucideIcon;
  tone: Tone;
  label: string;
  watts: number;
  /** Towards the home. */
  isInward: boolean;
}

const rowHeight = 56;
const width = 340;
const home = { x: 296, r: 26 };

/** Grid, sun and battery on one side, the home on the other; dots run the way the power goes. */
export function FlowPicture({ now, formats }: { now: PowerNow; formats: Formats }) {
  const nodes = nodesOf(now);
  const height = nodes.length * rowHeight + 8;
  const middle = height / 2;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className="mt-4 w-full max-w-sm"
      role="img"
      aria-label={nodes.map((n) => `${n.label}: ${formats.power(n.watts)}`).join(", ")}
    >
      {nodes.map((node, i) => {
        const y = 4 + rowHeight * (i + 0.5);
        return <Flow key={node.key} node={node} y={y} toY={middle + (i - (nodes.length - 1) / 2) * 12} />;
      })}
      {nodes.map((node, i) => (
        <Source key={node.key} node={node} y={4 + rowHeight * (i + 0.5)} formats={formats} />
      ))}
      <circle
        cx={home.x}
        cy={middle}
        r={home.r}
        className="fill-emerald-50 stroke-emerald-600 stroke-2 dark:fill-emerald-950 dark:stroke-emerald-400"
      />
      <House
        x={home.x - 12}
        y={middle - 12}
        width={24}
        height={24}
        className="text-emerald-700 dark:text-emerald-300"
        aria-hidden
      />
    </svg>
  );
}

function nodesOf({ importW, exportW, productionW, batteryW, hasGrid, hasProduction, hasBattery }: PowerNow): Node[] {
  const nodes: Node[] = [];
  if (hasProduction)
    nodes.push({ key: "sun", icon: Sun, tone: "sun", label: "Sun", watts: productionW, isInward: true });
  if (hasBattery) {
    const label = batteryW > 0 ? "Battery, charging" : batteryW < 0 ? "Battery, giving" : "Battery";
    nodes.push({
      key: "battery",
      icon: BatteryMedium,
      tone: "battery",
      label,
      watts: Math.abs(batteryW),
      isInward: batteryW <= 0,
    });
  }
  if (hasGrid) {
    const label = exportW > 0 ? "To the grid" : "From the grid";
    nodes.push({
      key: "grid",
      icon: UtilityPole,
      tone: exportW > 0 ? "export" : "grid",
      label,
      watts: exportW > 0 ? exportW : importW,
      isInward: exportW === 0,
    });
  }
  return nodes;
}

/** Less than this is standby, and drawn as nothing. */
const quietW = 5;

function Flow({ node: { tone, watts, isInward }, y, toY }: { node: Node; y: number; toY: number }) {
  const [from, to] = [`154 ${y}`, `${home.x - home.r - 4} ${toY}`];
  const curve = (a: string, b: string) =>
    `M ${a} C ${a === from ? `215 ${y}, 205 ${toY}` : `205 ${toY}, 215 ${y}`}, ${b}`;
  const path = isInward ? curve(from, to) : curve(to, from);
  return (
    <g className="fill-none [stroke-linecap:round]" aria-hidden>
      <path d={path} className="stroke-slate-200 stroke-2 dark:stroke-slate-700" />
      {watts >= quietW && (
        <>
          <path
            d={path}
            className={`${tones[tone].stroke} opacity-30`}
            strokeWidth={2 + Math.min(6, Math.sqrt(watts) / 12)}
          />
          <path d={path} className={`${tones[tone].stroke} flow-run`} strokeWidth={4} />
        </>
      )}
    </g>
  );
}

function Source({ node: { icon: Icon, tone, label, watts }, y, formats }: { node: Node; y: number; formats: Formats }) {
  const isQuiet = watts < quietW;
  return (
    <g aria-hidden>
      <circle
        cx={24}
        cy={y}
        r={20}
        className={`fill-white stroke-2 dark:fill-slate-900 ${isQuiet ? "stroke-slate-300 dark:stroke-slate-600" : tones[tone].stroke}`}
      />
      <Icon
        x={14}
        y={y - 10}
        width={20}
        height={20}
        className={isQuiet ? "text-slate-400 dark:text-slate-500" : tones[tone].text}
      />
      <text x={54} y={y - 2} className="fill-slate-900 text-[15px] font-semibold tabular-nums dark:fill-slate-50">
        {formats.power(watts)}
      </text>
      <text x={54} y={y + 14} className="fill-slate-500 text-[11px] dark:fill-slate-400">
        {label}
      </text>
    </g>
  );
}
