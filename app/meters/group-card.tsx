import { useFetcher } from "@remix-run/react";
import { Trash2 } from "lucide-react";
import type { MeterGroup } from "../../db/meters.ts";
import type { Meter } from "../../domain/site/meter.ts";
import { Button, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import type { MetersAnswer } from "./change-meters.server.ts";

interface CardProps {
  groups: readonly MeterGroup[];
  meters: readonly Meter[];
  mayChange: boolean;
}

/** Rooms, or whatever meters are summed by. */
export function GroupCard({ groups, meters, mayChange }: CardProps) {
  return (
    <Card>
      <CardTitle>Rooms</CardTitle>
      <p className="-mt-2 mb-4 text-slate-600 dark:text-slate-300">
        A room, a floor, a tenant: what meters are summed by. A meter is in one at most; its parts are in the same one
        unless they have their own.
      </p>
      <ul className="space-y-3">
        {groups.map((group) => (
          <li key={group.id} data-testid={`group-${group.id}`}>
            <GroupForm
              group={group}
              count={meters.filter(({ groupId }) => groupId === group.id).length}
              mayChange={mayChange}
            />
          </li>
        ))}
      </ul>
      {mayChange && (
        <div className="mt-4 border-t border-slate-100 pt-4 dark:border-slate-800" data-testid="new-group">
          <GroupForm key={groups.length} group={null} count={0} mayChange />
        </div>
      )}
    </Card>
  );
}

function GroupForm({ group, count, mayChange }: { group: MeterGroup | null; count: number; mayChange: boolean }) {
  const fetcher = useFetcher<MetersAnswer>();
  const answer = fetcher.data;
  const isPending = fetcher.state !== "idle";
  return (
    <fetcher.Form method="post" noValidate className="flex items-end gap-2">
      <input type="hidden" name="intent" value="group" />
      {group && <input type="hidden" name="id" value={group.id} />}
      <div className="min-w-0 flex-1">
        <TextField
          label={group ? `Name (${count} ${count === 1 ? "meter" : "meters"})` : "A new room"}
          name="name"
          maxLength={100}
          defaultValue={group?.name ?? ""}
          disabled={!mayChange}
          error={answer && !answer.saved ? answer.error : undefined}
        />
      </div>
      {mayChange && (
        <Button look={group ? "secondary" : "primary"} disabled={isPending}>
          {group ? "Rename" : "Add"}
        </Button>
      )}
      {mayChange && group && (
        <Button
          look="secondary"
          name="intent"
          value="delete-group"
          disabled={isPending}
          aria-label={`Delete ${group.name}`}
        >
          <Trash2 className="h-4 w-4" aria-hidden />
        </Button>
      )}
    </fetcher.Form>
  );
}
