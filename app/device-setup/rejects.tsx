import { Form } from "@remix-run/react";
import type { DeviceReject } from "../../db/device-messages.ts";
import { Button } from "../components/form.tsx";
import { Badge } from "../components/frame.tsx";

/** What was refused in the last 30 days, by reason. `another-device` can be mended here. */
export function Rejects({ rejects, dateTime }: { rejects: DeviceReject[]; dateTime: (ms: number) => string }) {
  if (!rejects.length) return <p className="text-slate-600 dark:text-slate-300">Nothing was refused in the last 30 days.</p>;
  return (
    <ul className="space-y-4" data-testid="rejects">
      {rejects.map(({ reason, count, lastMs, detail, address, sample, transport }) => (
        <li key={reason} className="rounded-xl border border-slate-200 p-4 dark:border-slate-800">
          <p className="flex flex-wrap items-center gap-2">
            <Badge look="warn">{reason}</Badge>
            <span className="text-sm text-slate-500 dark:text-slate-400">
              {count} times, last {dateTime(lastMs)}
            </span>
          </p>
          <p className="mt-2 break-words text-sm">{detail}</p>
          <p className="mt-1 break-all text-xs text-slate-500 dark:text-slate-400">
            {transport.toUpperCase()} {address.slice(0, 120)}
          </p>
          {sample && <pre tabIndex={0} className="mt-2 max-h-28 overflow-auto whitespace-pre-wrap break-all rounded-lg bg-slate-100 p-3 text-xs dark:bg-slate-950">{sample}</pre>}
          {reason === "another-device" && (
            <Form method="post" className="mt-3">
              <input type="hidden" name="intent" value="gateway" />
              <Button look="secondary">Make it a gateway</Button>
            </Form>
          )}
        </li>
      ))}
    </ul>
  );
}
