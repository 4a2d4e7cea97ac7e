import { Form, Link, useNavigate, useSearchParams } from "@remix-run/react";
import { ChevronDown, Search } from "lucide-react";
import { useState, type FormEvent, type KeyboardEvent } from "react";
import { Card } from "../components/frame.tsx";
import type { Guide } from "./guide.ts";
import { familiesWith, type Family } from "./guides.ts";

const pathOf = (guide: Guide) => `?with=${guide.id}`;
const stay = { replace: true, preventScrollReset: true } as const;

/** Which kind of hardware it is: found by its name, or looked up in its family. Plain links and a form, for browsers without scripts. */
export function GuideChooser({ chosen }: { chosen: Guide }) {
  const [params] = useSearchParams();
  const [search, setSearch] = useState(params.get("q") ?? "");
  const [isOpen, setOpen] = useState(!params.has("with") || search !== "");
  const navigate = useNavigate();
  const found = familiesWith(search);
  const done = () => {
    setOpen(false);
    setSearch("");
    document.getElementById("guide")?.focus();
  };
  const takeFirst = (event: FormEvent) => {
    event.preventDefault();
    const first = found[0]?.guides[0];
    if (!first) return;
    navigate(pathOf(first), stay);
    done();
  };
  return (
    <Card className="mt-4" padding="">
      <details className="group" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="flex min-h-11 cursor-pointer list-none items-center gap-3 rounded-2xl p-5 [&::-webkit-details-marker]:hidden">
          <span className="min-w-0 flex-1">
            <span className="block text-base font-semibold">{chosen.name}</span>
            <span className="block text-sm text-slate-600 dark:text-slate-300">{chosen.about}</span>
          </span>
          <span className="text-sm font-medium text-emerald-800 dark:text-emerald-300">Choose another</span>
          <ChevronDown
            className="h-5 w-5 shrink-0 text-slate-500 group-open:rotate-180 dark:text-slate-400"
            aria-hidden
          />
        </summary>
        <div className="border-t border-slate-200 p-5 dark:border-slate-800" onKeyDown={moveByArrows}>
          <Form role="search" onSubmit={takeFirst} className="relative">
            <Search
              className="pointer-events-none absolute left-3 top-3 h-5 w-5 text-slate-500 dark:text-slate-400"
              aria-hidden
            />
            <input type="hidden" name="with" value={chosen.id} />
            <input
              type="search"
              name="q"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
              aria-label="Search for your hardware"
              placeholder="Make, program or protocol: Shelly, Hoymiles, P1 …"
              autoComplete="off"
              className="block min-h-11 w-full rounded-lg border-slate-300 bg-white pl-10 text-slate-900 placeholder:text-slate-500 focus:border-emerald-500 focus:ring-emerald-500 dark:border-slate-700 dark:bg-slate-900 dark:text-slate-100 dark:placeholder:text-slate-400"
            />
          </Form>
          <div aria-live="polite">
            {found.length === 0 && (
              <p className="mt-4 text-slate-600 dark:text-slate-300">
                Nothing of that name. If it has fields for an MQTT server, take{" "}
                <Link to="?with=mqtt" {...stay} onClick={done} className="font-medium underline">
                  Any MQTT device
                </Link>
                .
              </p>
            )}
          </div>
          {found.map((family) => (
            <FamilyList key={family.name} family={family} chosen={chosen} isSearched={search !== ""} onChoose={done} />
          ))}
        </div>
      </details>
    </Card>
  );
}

interface FamilyListProps {
  family: Family;
  chosen: Guide;
  /** Only a few are left: there is room to say what each is. */
  isSearched: boolean;
  onChoose: () => void;
}

function FamilyList({ family, chosen, isSearched, onChoose }: FamilyListProps) {
  return (
    <section className="mt-4 sm:flex sm:gap-4">
      <h3 className="mb-2 text-sm font-medium text-slate-600 sm:mb-0 sm:w-36 sm:shrink-0 sm:pt-3 dark:text-slate-300">
        {family.name}
      </h3>
      <ul className="flex flex-1 flex-wrap gap-2">
        {family.guides.map((guide) => (
          <li key={guide.id} className={isSearched ? "basis-full" : ""}>
            <Link
              to={pathOf(guide)}
              {...stay}
              onClick={onChoose}
              aria-current={guide === chosen ? "true" : undefined}
              className="flex min-h-11 flex-col justify-center rounded-xl border border-slate-200 px-3 py-2 hover:bg-slate-50 aria-[current]:border-emerald-600 aria-[current]:bg-emerald-50 dark:border-slate-700 dark:hover:bg-slate-800 dark:aria-[current]:border-emerald-500 dark:aria-[current]:bg-emerald-950"
            >
              <span className="text-sm font-medium">{guide.name}</span>
              {isSearched && <span className="text-sm text-slate-600 dark:text-slate-300">{guide.about}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The up and down keys go from the search field through what was found, and back. */
function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input[type="search"], a')];
  const next = stops[stops.indexOf(event.target as HTMLElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
