import { Link } from "@remix-run/react";
import type { Formats } from "../charts/formats.ts";
import { Card } from "../components/frame.tsx";
import { co2Text, factorText, leastKg } from "../costs/co2-words.ts";
import type { ShownEmissions } from "../costs/emissions.server.ts";

interface Co2CardProps {
  emissions: { today: ShownEmissions; month: ShownEmissions };
  formats: Formats;
}

/** What today and the month so far emitted, and what feeding in avoided. */
export function Co2Card({ emissions: { today, month }, formats }: Co2CardProps) {
  const factor = factorText(today, formats);
  return (
    <Card>
      <h2 className="text-sm font-medium text-slate-500 dark:text-slate-400">CO₂ today</h2>
      <p className="mt-1 text-3xl font-semibold tabular-nums tracking-tight" data-testid="co2-today">
        {today.knownKwh > 0 ? co2Text(today.importKg, formats) : "–"}
      </p>
      {today.avoidedKg > leastKg && (
        <p className="mt-2 text-sm text-slate-600 dark:text-slate-300" data-testid="co2-avoided">
          What was fed in avoided {co2Text(today.avoidedKg, formats)}.
        </p>
      )}
      <p className="mt-2 text-sm text-slate-600 dark:text-slate-300" data-testid="co2-month">
        <span className="font-semibold text-slate-900 dark:text-slate-50">{co2Text(month.importKg, formats)}</span> this
        month so far{month.avoidedKg > leastKg && `, ${co2Text(month.avoidedKg, formats)} avoided`}.
      </p>
      <p className="mt-2 text-sm text-slate-500 dark:text-slate-400">
        {factor ?? "No intensity is known for today"} ·{" "}
        <Link to="costs" className="underline">
          more
        </Link>
      </p>
    </Card>
  );
}
