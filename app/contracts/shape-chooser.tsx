import { Link } from "@remix-run/react";
import { ChevronRight, ExternalLink } from "lucide-react";
import { useState } from "react";
import { shapes } from "../../domain/tariff/shapes.ts";
import { TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";

/** What of a library's tariff was read in its source. */
type Checked = "prices" | "partly" | "shape" | "nothing";

const checkedWords: Record<Checked, string> = {
  prices: "Prices read at",
  partly: "Some prices read at",
  shape: "Example prices; shape read at",
  nothing: "Example prices; not checked against",
};

export interface LibraryItem {
  id: string;
  name: string;
  country: string | null;
  description: string | null;
  source: { url: string; date: string; checked?: Checked | undefined; note?: string | undefined } | null;
}

/** With what a contract begins: a plain shape, a tariff of the library, or JSON. */
export function ShapeChooser({ library, locale }: { library: readonly LibraryItem[]; locale: string }) {
  return (
    <div className="space-y-6">
      <section aria-labelledby="shapes-title">
        <h2 id="shapes-title" className="mb-3 text-base font-semibold">
          How does your supplier count?
        </h2>
        <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
          {shapes.map(({ id, name, what }) => (
            <li key={id}>
              <Link to={`?shape=${id}`} className={tile}>
                <span className="font-semibold">{name}</span>
                <span className="mt-1 block text-sm text-slate-600 dark:text-slate-300">{what}</span>
              </Link>
            </li>
          ))}
          <li>
            <Link to="?shape=json" className={tile}>
              <span className="font-semibold">Paste JSON</span>
              <span className="mt-1 block text-sm text-slate-600 dark:text-slate-300">
                For experts: a whole tariff as docs/TARIFFS.md describes it.
              </span>
            </Link>
          </li>
        </ul>
      </section>
      <Library library={library} locale={locale} />
    </div>
  );
}

const tile =
  "block h-full rounded-2xl border border-slate-200 bg-white p-4 shadow-sm hover:border-emerald-600 dark:border-slate-800 dark:bg-slate-900 dark:hover:border-emerald-500";

function Library({ library, locale }: { library: readonly LibraryItem[]; locale: string }) {
  const [wanted, setWanted] = useState("");
  const countryOf = new Intl.DisplayNames([locale], { type: "region" });
  const named = library.map((item) => ({ ...item, land: item.country ? countryOf.of(item.country)! : "Anywhere" }));
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const found = named.filter((item) =>
    words.every((word) => `${item.land} ${item.name} ${item.description ?? ""}`.toLowerCase().includes(word)),
  );
  const lands = [...new Set(found.map(({ land }) => land))].sort((a, b) => a.localeCompare(b, locale));
  return (
    <Card>
      <CardTitle>Or from the library</CardTitle>
      <p className="mb-4 text-sm text-slate-600 dark:text-slate-300">
        Real tariffs of many countries, as shapes to begin with. Each says what of it was read where, and as of which
        day; prices change: put in your own.
      </p>
      <TextField
        label="Search"
        type="search"
        placeholder="Country, or a word such as demand"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      <p className="mt-2 text-sm text-slate-600 dark:text-slate-300" role="status">
        {found.length === library.length ? "" : `${found.length} of ${library.length}`}
      </p>
      {lands.map((land) => (
        <section key={land} className="mt-4">
          <h3 className="text-sm font-semibold text-slate-600 dark:text-slate-300">{land}</h3>
          <ul className="divide-y divide-slate-200 dark:divide-slate-800">
            {found
              .filter((item) => item.land === land)
              .map((item) => (
                <li key={item.id} className="py-2">
                  <Link
                    to={`?library=${item.id}`}
                    className="flex min-h-11 items-center justify-between gap-3 font-medium text-emerald-800 hover:underline dark:text-emerald-300"
                  >
                    {item.name} <ChevronRight className="h-4 w-4 shrink-0" aria-hidden />
                  </Link>
                  {item.description && <p className="text-sm text-slate-600 dark:text-slate-300">{item.description}</p>}
                  <Source source={item.source} />
                </li>
              ))}
          </ul>
        </section>
      ))}
    </Card>
  );
}

/** Where the prices of a library's tariff come from, when they held, and whether they were read there. */
export function Source({ source }: { source: LibraryItem["source"] }) {
  if (!source) return null;
  return (
    <p className="text-sm text-slate-600 dark:text-slate-400">
      {source.checked && `${checkedWords[source.checked]} `}
      <a
        href={source.url}
        target="_blank"
        rel="noreferrer"
        className="inline-flex min-h-6 items-center gap-1 underline underline-offset-2"
      >
        {new URL(source.url).host} <ExternalLink className="h-3 w-3" aria-hidden />
      </a>
      , {source.date}. {source.note}
    </p>
  );
}
