import { Link } from "@remix-run/react";
import { ChevronRight, Merge, Repeat2, Router } from "lucide-react";
import { Card, CardTitle } from "../components/frame.tsx";

/** What may become of a device over the years; each leads to a page that first says what would happen. */
export function OverTime({ isSpokenFor, path }: { isSpokenFor: boolean; path: string }) {
  const ways = [
    {
      to: "merge",
      icon: Merge,
      label: "Merge with another device",
      text: "It is here twice: under two names or by two gateways.",
    },
    ...(!isSpokenFor
      ? []
      : [
          {
            to: "move",
            icon: Router,
            label: "Move to another gateway",
            text: "Another gateway speaks for it from now on.",
          },
        ]),
    {
      to: "replace",
      icon: Repeat2,
      label: "Replace the hardware",
      text: "A new meter or plug took its place: its history goes on.",
    },
  ];
  return (
    <Card>
      <CardTitle>Over time</CardTitle>
      <ul className="-mx-2 divide-y divide-slate-100 dark:divide-slate-800">
        {ways.map(({ to, icon: Icon, label, text }) => (
          <li key={to}>
            <Link
              to={`${path}/${to}`}
              className="flex min-h-14 items-center gap-3 rounded-lg px-2 py-2 hover:bg-slate-50 dark:hover:bg-slate-800"
            >
              <Icon className="h-5 w-5 shrink-0 text-slate-600 dark:text-slate-300" aria-hidden />
              <span className="min-w-0 flex-1">
                <span className="block font-medium">{label}</span>
                <span className="block text-sm text-slate-600 dark:text-slate-300">{text}</span>
              </span>
              <ChevronRight className="h-4 w-4 shrink-0 text-slate-500 dark:text-slate-400" aria-hidden />
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
