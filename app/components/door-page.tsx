import { Coins, PlugZap, Radio } from "lucide-react";
import type { ReactNode } from "react";

const promises = [
  { icon: Radio, text: "Live: the first value is here seconds after a device's first message." },
  { icon: Coins, text: "Every kilowatt-hour counts once, and has its price." },
  { icon: PlugZap, text: "Your own hardware: Tasmota, Shelly, ESPHome, Zigbee, Home Assistant, Telegraf." },
];

/** The page of somebody who is not signed in yet: what this is, and the form. */
export function DoorPage({ title, subtitle, children }: { title: string; subtitle?: ReactNode; children: ReactNode }) {
  return (
    <div className="min-h-screen lg:grid lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
      <aside className="hidden bg-gradient-to-br from-emerald-950 via-emerald-900 to-teal-800 p-12 text-white lg:sticky lg:top-0 lg:flex lg:h-screen lg:flex-col">
        <Brand />
        <div className="my-auto max-w-md">
          <p className="text-4xl font-semibold leading-tight tracking-tight">
            See what your place uses, as it uses it.
          </p>
          <Curve />
          <ul className="space-y-4">
            {promises.map(({ icon: Icon, text }) => (
              <li key={text} className="flex gap-3 text-emerald-50">
                <Icon className="mt-0.5 h-5 w-5 shrink-0 text-emerald-300" aria-hidden /> {text}
              </li>
            ))}
          </ul>
        </div>
      </aside>
      <main className="mx-auto flex min-h-screen w-full max-w-lg flex-col justify-center px-4 py-10 sm:px-8">
        <div className="mb-8 lg:hidden">
          <Brand />
        </div>
        <h1 className="text-3xl font-semibold tracking-tight">{title}</h1>
        {subtitle && <p className="mt-2 text-slate-600 dark:text-slate-300">{subtitle}</p>}
        <div className="mt-8">{children}</div>
      </main>
    </div>
  );
}

function Brand() {
  return (
    <div className="flex items-center gap-2.5">
      <img src="/favicon.svg" alt="" className="h-9 w-9" />
      <span className="text-lg font-semibold">Energy Tracking</span>
    </div>
  );
}

/** A day of a household: night, breakfast, sun, evening. */
function Curve() {
  const day = "M0 74 C40 72 60 76 80 60 S104 20 124 44 S170 70 210 72 S262 66 284 26 S330 8 350 40 S384 70 400 72";
  return (
    <svg viewBox="0 0 400 90" className="my-10 w-full" aria-hidden>
      <path d={`${day} L400 90 L0 90 Z`} className="fill-emerald-400/15" />
      <path d={day} fill="none" strokeWidth="2.5" strokeLinecap="round" className="stroke-emerald-300" />
      <circle cx="350" cy="40" r="5" className="fill-white" />
      <circle cx="350" cy="40" r="10" className="fill-white/25 motion-safe:animate-pulse" />
    </svg>
  );
}
