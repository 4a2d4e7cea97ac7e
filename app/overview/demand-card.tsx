import { Link } from "@remix-run/react";
import type { Money } from "../../domain/tariff/money.ts";
import { guardNow } from "../../domain/demand/live-guard.ts";
import type { Formats } from "../charts/formats.ts";
import { Badge, Card } from "../components/frame.tsx";
import { drawnNow, type GuardedPower } from "../costs/demand-power.ts";
import type { DemandBase } from "../costs/demand.server.ts";

interface DemandCardProps {
  siteId: string;
  demand: DemandBase;
  power: readonly GuardedPower[];
  devices: readonly { id: string; name: string }[];
  formats: Formats;
  now: number;
}

/** The running quarter-hour (or half, or full hour) against the peak that is paid for, live. */
export function DemandCard({ siteId, demand, power, devices, formats, now }: DemandCardProps) {
  const { contractName, component, currency, base, deviceId } = demand;
  const names = new Map(devices.map(({ id, name }) => [id, name]));
  const drawn = drawnNow(power, { deviceId, names, nowMs: now });
  if (!base.isCharged) return null;
  const heading = (
    <h2 className="text-sm font-medium text-slate-600 dark:text-slate-300">
      Peak guard: {component}, {contractName}
    </h2>
  );
  if (!drawn)
    return (
      <Card className="mt-4">
        {heading}
        <p className="mt-2 text-slate-600 dark:text-slate-300">No fresh power to guard by.</p>
      </Card>
    );
  const state = guardNow(base, { nowMs: now, ...drawn });
  const { projectedKw, reachedKw, limitKw, isOver, secondsLeft, roomW, addedCost, billed, drivers } = state;
  const kw = (value: number) => formats.power(value * 1000);
  const money = (amount: Money) => formats.money(amount.toFixed(), currency);
  const scale = Math.max(projectedKw, limitKw, 0.001) * 1.05;
  const share = (value: number) => `${(100 * Math.max(0, value)) / scale}%`;
  const driving = drivers.slice(0, 3);
  return (
    <Card className="mt-4">
      <div data-testid="demand-guard">
        <div className="flex flex-wrap items-center justify-between gap-2">
          {heading}
          <Badge look={isOver ? "bad" : "good"}>{isOver ? "a new peak is coming" : "below the peak"}</Badge>
        </div>
        <p className="mt-1 text-3xl font-semibold tabular-nums" data-testid="demand-projected">
          {kw(projectedKw)}
        </p>
        <p className="text-sm text-slate-600 dark:text-slate-300">
          at the end of these {base.demand.interval} minutes, if it goes on like this; the peak that is paid for is{" "}
          {kw(limitKw)}.
        </p>
        <svg aria-hidden className="mt-3 h-3 w-full overflow-visible rounded-full bg-slate-100 dark:bg-slate-800">
          <rect
            width={share(projectedKw)}
            height="12"
            rx="6"
            className={isOver ? "fill-rose-300 dark:fill-rose-900" : "fill-emerald-300 dark:fill-emerald-900"}
          />
          <rect width={share(reachedKw)} height="12" rx="6" className={isOver ? "fill-rose-600" : "fill-emerald-600"} />
          <rect x={share(limitKw)} y="-4" width="2" height="20" className="fill-slate-900 dark:fill-slate-100" />
        </svg>
        <dl className="mt-3 grid grid-cols-2 gap-3 text-sm sm:grid-cols-4">
          <Fact
            name="Left"
            value={
              secondsLeft >= 60
                ? `${Math.floor(secondsLeft / 60)} min ${Math.floor(secondsLeft % 60)} s`
                : `${Math.floor(secondsLeft)} s`
            }
          />
          <Fact name="Reached already" value={kw(reachedKw)} />
          <Fact name="May still be drawn" value={roomW > 0 ? formats.power(roomW) : "nothing"} />
          <Fact
            name="A new peak costs"
            value={addedCost.isZero() ? "nothing" : `${formats.money(addedCost.toFixed(), currency)} more`}
          />
        </dl>
        <details className="mt-2 text-sm">
          <summary className="min-h-11 cursor-pointer py-3 font-medium text-emerald-700 dark:text-emerald-400">
            Why these amounts?
          </summary>
          <p className="text-slate-600 dark:text-slate-300" data-testid="demand-why">
            Billed so far: {kw(billed.kw.toNumber())}, {money(billed.cost)}. With {kw(projectedKw)} in this window:{" "}
            {kw(billed.withKw.toNumber())}, {money(billed.withCost)}.{" "}
            {demand.base.demand.price !== undefined &&
              `${formats.price(String(demand.base.demand.price), currency)} for a kW and ${demand.base.demand.per}. `}
            <Link to={`/sites/${siteId}/contracts/${demand.contractId}/bill`} className="underline">
              The bill, with the peaks and their readings
            </Link>
          </p>
        </details>
        {driving.length > 0 && (
          <p className="mt-3 text-sm text-slate-600 dark:text-slate-300" data-testid="demand-drivers">
            {driving
              .map(
                ({ name, powerW, suffices }) =>
                  `${name} ${formats.power(powerW)}${suffices ? " (switching it off is enough)" : ""}`,
              )
              .join(" · ")}
          </p>
        )}
      </div>
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-slate-600 dark:text-slate-300">{name}</dt>
      <dd className="font-semibold tabular-nums">{value}</dd>
    </div>
  );
}
