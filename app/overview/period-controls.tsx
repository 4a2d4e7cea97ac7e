import { Link, useSearchParams } from "@remix-run/react";
import { ChevronLeft, ChevronRight, Download } from "lucide-react";

/** The address with another period; null takes it out, which is the running one. */
export function usePeriodLink(): (name: "day" | "month" | "year", key: string | null) => string {
  const [params] = useSearchParams();
  return (name, key) => {
    const next = new URLSearchParams(params);
    if (key === null) next.delete(name);
    else next.set(name, key);
    const query = next.toString();
    return query ? `?${query}` : "?";
  };
}

const iconLink =
  "inline-flex h-11 w-9 items-center justify-center rounded-lg text-slate-600 hover:bg-slate-100 sm:w-11 dark:text-slate-300 dark:hover:bg-slate-800";

interface StepperProps {
  name: "day" | "month" | "year";
  previous: string;
  next: string | null;
}

/** One period back, one forward. */
export function Stepper({ name, previous, next }: StepperProps) {
  const to = usePeriodLink();
  return (
    <>
      <Link to={to(name, previous)} preventScrollReset aria-label={`The ${name} before`} className={iconLink}>
        <ChevronLeft className="h-5 w-5" aria-hidden />
      </Link>
      {next === null ? (
        <span className={`${iconLink} pointer-events-none opacity-30`}>
          <ChevronRight className="h-5 w-5" aria-hidden />
        </span>
      ) : (
        <Link to={to(name, next)} preventScrollReset aria-label={`The ${name} after`} className={iconLink}>
          <ChevronRight className="h-5 w-5" aria-hidden />
        </Link>
      )}
    </>
  );
}

/** A choice of a few, one of which holds. */
export function Segments({
  label,
  options,
}: {
  label: string;
  options: { name: string; to: string; isCurrent: boolean }[];
}) {
  return (
    <nav aria-label={label} className="flex rounded-lg bg-slate-100 p-0.5 dark:bg-slate-800">
      {options.map(({ name, to, isCurrent }) => (
        <Link
          key={name}
          to={to}
          preventScrollReset
          aria-current={isCurrent ? "true" : undefined}
          className={`inline-flex min-h-10 items-center rounded-md px-3 text-sm font-medium ${
            isCurrent
              ? "bg-white text-slate-900 shadow-sm dark:bg-slate-950 dark:text-slate-50"
              : "text-slate-600 hover:text-slate-900 dark:text-slate-300 dark:hover:text-white"
          }`}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** What a chart shows, as a file. */
export function CsvLink({ href, label }: { href: string; label: string }) {
  return (
    <a href={href} download aria-label={label} title={label} className={iconLink}>
      <Download className="h-5 w-5" aria-hidden />
    </a>
  );
}
