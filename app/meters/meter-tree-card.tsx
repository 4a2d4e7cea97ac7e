import { Link, useFetcher } from "@remix-run/react";
import { ChevronRight } from "lucide-react";
import type { MeterGroup } from "../../db/meters.ts";
import { circleAbove, placeMeters, countsAtSite } from "../../domain/site/meter-tree.ts";
import type { Meter } from "../../domain/site/meter.ts";
import { Button, FormError, SelectField } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { roleNames } from "../site-settings/channel-editor.tsx";
import { indent } from "./indent.ts";
import type { MetersAnswer } from "./change-meters.server.ts";

interface TreeProps {
  meters: readonly Meter[];
  groups: readonly MeterGroup[];
  siteId: string;
  mayChange: boolean;
}

/** The tree as it counts; each line opens to be put elsewhere. */
export function MeterTreeCard({ meters, groups, siteId, mayChange }: TreeProps) {
  const placed = placeMeters(meters);
  const others = meters.filter((meter) => !countsAtSite(meter) && meter.parentId !== null);
  return (
    <Card>
      <CardTitle>The tree of meters</CardTitle>
      <p className="-mt-2 mb-4 text-slate-600 dark:text-slate-300">
        A meter below another one measures a part of it, and is never added beside it. What a meter counts beyond its
        parts is untracked. Which channels count, and as what, is on the{" "}
        <Link to={`/sites/${siteId}/settings`} className="font-medium text-emerald-700 underline dark:text-emerald-400">
          settings page
        </Link>
        .
      </p>
      {!placed.length && <p className="text-slate-600 dark:text-slate-300">Nothing counts at this place yet.</p>}
      <ul
        className="divide-y divide-slate-100 border-y border-slate-100 dark:divide-slate-800 dark:border-slate-800"
        data-testid="tree"
      >
        {placed.map(({ meter, depth }) => (
          <Line key={meter.id} {...{ meter, depth, meters, groups, mayChange }} />
        ))}
        {others.map((meter) => (
          <Line key={meter.id} {...{ meter, depth: 0, meters, groups, mayChange }} />
        ))}
      </ul>
    </Card>
  );
}

interface LineProps extends Omit<TreeProps, "siteId"> {
  meter: Meter;
  depth: number;
}

function Line({ meter, depth, meters, groups, mayChange }: LineProps) {
  const group = groups.find(({ id }) => id === meter.groupId);
  return (
    <li data-testid={`meter-${meter.id}`}>
      <details className="group">
        <summary
          className={`flex min-h-12 cursor-pointer list-none flex-wrap items-center gap-x-2 gap-y-1 py-2 [&::-webkit-details-marker]:hidden ${indent(depth)}`}
        >
          <ChevronRight
            className="h-4 w-4 shrink-0 text-slate-500 transition-transform group-open:rotate-90 dark:text-slate-400"
            aria-hidden
          />
          <span className="min-w-0 flex-1 break-words font-medium">
            {depth > 0 && <span className="sr-only">Level {depth + 1}: </span>}
            {meter.name}
          </span>
          <span className="flex flex-wrap gap-1.5">
            {group && <Badge look="good">{group.name}</Badge>}
            <Badge>{roleNames[meter.role]}</Badge>
            <Badge>{meter.id}</Badge>
          </span>
        </summary>
        <PlaceForm {...{ meter, meters, groups, mayChange }} />
      </details>
    </li>
  );
}

function PlaceForm({ meter, meters, groups, mayChange }: Omit<LineProps, "depth">) {
  const fetcher = useFetcher<MetersAnswer>();
  const answer = fetcher.data;
  const error = answer && !answer.saved ? answer : null;
  // What cannot be chosen is not offered: other media, itself and what lies below it.
  const possible = meters.filter(
    (one) =>
      one.medium === meter.medium &&
      one.unit === meter.unit &&
      (countsAtSite(one) || one.id === meter.parentId) &&
      !circleAbove(meters, meter.id, one.id),
  );
  return (
    <fetcher.Form method="post" className="pb-5 pl-6" key={`${meter.parentId} ${meter.groupId}`}>
      <fieldset disabled={!mayChange} className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <input type="hidden" name="intent" value="place" />
        <input type="hidden" name="meter" value={meter.id} />
        <SelectField
          label="Measured by, too"
          name="parent"
          defaultValue={meter.parentId ?? ""}
          error={error?.field === "parent" ? error.error : undefined}
        >
          <option value="">no other meter</option>
          {possible.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Room"
          name="group"
          defaultValue={meter.groupId ?? ""}
          error={error?.field === "group" ? error.error : undefined}
        >
          <option value="">in no room</option>
          {groups.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      </fieldset>
      {error && !error.field && (
        <div className="mt-3">
          <FormError>{error.error}</FormError>
        </div>
      )}
      {mayChange && (
        <div className="mt-3 flex items-center gap-4">
          <Button disabled={fetcher.state !== "idle"}>{fetcher.state === "idle" ? "Save" : "Saving …"}</Button>
          <span role="status" className="text-sm text-emerald-700 dark:text-emerald-400">
            {fetcher.state === "idle" && answer?.saved && `${answer.done}.`}
          </span>
        </div>
      )}
    </fetcher.Form>
  );
}
