import { Form } from "@remix-run/react";
import { useState } from "react";
import type { ListedApiKey } from "../../db/api-keys.ts";
import { ago } from "../charts/formats.ts";
import type { Formats } from "../charts/formats.ts";
import { Dialog } from "../components/dialog.tsx";
import { Button } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { placesInWords } from "../organization/access-fields.tsx";
import { scopeWords } from "./scope-words.ts";

interface KeyListProps {
  keys: ListedApiKey[];
  sites: { id: string; name: string }[];
  mayChange: boolean;
  formats: Formats;
  nowMs: number;
}

export function KeyList({ keys, ...rest }: KeyListProps) {
  const [revoking, setRevoking] = useState<ListedApiKey | null>(null);
  return (
    <Card>
      <CardTitle>Keys</CardTitle>
      {!keys.length && <p className="text-slate-600 dark:text-slate-300">There is none yet.</p>}
      <ul className="divide-y divide-slate-100 dark:divide-slate-800">
        {keys.map((key) => (
          <KeyItem key={key.id} apiKey={key} {...rest} onRevoke={() => setRevoking(key)} />
        ))}
      </ul>
      <Dialog open={revoking !== null} onClose={() => setRevoking(null)} title={`Revoke ${revoking?.name ?? ""}?`}>
        <p className="text-slate-600 dark:text-slate-300">
          Whatever program uses it is locked out at once. What it has sent stays.
        </p>
        <Form method="post" className="mt-5 flex justify-end" onSubmit={() => setRevoking(null)}>
          <input type="hidden" name="intent" value="revoke" />
          <input type="hidden" name="id" value={revoking?.id ?? ""} />
          <Button look="danger">Revoke it</Button>
        </Form>
      </Dialog>
    </Card>
  );
}

interface KeyItemProps extends Omit<KeyListProps, "keys"> {
  apiKey: ListedApiKey;
  onRevoke: () => void;
}

function KeyItem({ apiKey, sites, mayChange, formats, nowMs, onRevoke }: KeyItemProps) {
  const { name, prefix, scopes, siteIds, origins, author, createdAt, expiresAt, lastUsedAt } = apiKey;
  const isOver = expiresAt !== null && new Date(expiresAt).getTime() <= nowMs;
  const day = (at: Date) => formats.isoDate(new Date(at).getTime());
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 py-4" data-testid="api-key">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium">
          {name}{" "}
          {prefix && <code className="ml-1 text-sm font-normal text-slate-600 dark:text-slate-300">{prefix}…</code>}
        </p>
        <p className="mt-1.5 flex flex-wrap gap-1.5">
          {scopes.map((scope) => (
            <Badge key={scope} look={scope === "admin" ? "warn" : "plain"}>
              {scopeWords[scope].title}
            </Badge>
          ))}
          {isOver && <Badge look="bad">Out of time</Badge>}
        </p>
        <p className="mt-1.5 text-sm text-slate-600 dark:text-slate-300">
          {placesInWords(siteIds, sites)}
          {origins.length > 0 && ` · pages of ${origins.join(", ")}`}
        </p>
        <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">
          Made {day(createdAt)}
          {author && ` by ${author}`} ·{" "}
          {lastUsedAt ? `last used ${ago(new Date(lastUsedAt).getTime(), nowMs)}` : "never used"} ·{" "}
          {expiresAt ? `${isOver ? "ended" : "ends"} ${day(expiresAt)}` : "no end"}
        </p>
      </div>
      {mayChange && (
        <Button look="secondary" type="button" onClick={onRevoke} aria-label={`Revoke ${name}`}>
          Revoke
        </Button>
      )}
    </li>
  );
}
