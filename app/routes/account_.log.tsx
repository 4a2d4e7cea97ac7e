import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { accountLog, type AuditEvent } from "../../db/audit.ts";
import { AccountFrame } from "../account/frame.tsx";
import { deviceWords } from "../account/device-words.ts";
import { happenedWords } from "../account/log-words.ts";
import { requireUser } from "../auth/require-member.server.ts";
import { buttonClass } from "../components/form.tsx";
import { Card } from "../components/frame.tsx";

export const meta: MetaFunction = () => [{ title: "What happened to your account · Energy Tracking" }];

const perPage = 50;

export async function loader({ request }: LoaderFunctionArgs) {
  const { id } = await requireUser(request);
  const wanted = new URL(request.url).searchParams.get("before") ?? "";
  const before = /^\d{1,15}$/.test(wanted) ? Number(wanted) : null;
  const { items, next } = await accountLog(id, { before, limit: perPage });
  const entries = items.map((event) => ({
    id: event.id,
    at: `${event.at.toISOString().slice(0, 19).replace("T", " ")} UTC`,
    words: happenedWords(named(event)),
    isBad: event.action === "account.sign-in-failed",
    device: event.agent ? deviceWords(event.agent) : null,
    address: event.address,
    by: event.actor === "command" ? "who runs this installation" : null,
  }));
  return { entries, next, isFirst: before === null };
}

/** Of a device that was logged out, its name in words. */
function named({ action, before, after }: AuditEvent) {
  if (action !== "account.session-ended") return { action, before, after };
  return { action, before, after: { device: deviceWords(String(after?.["agent"] ?? "")) } };
}

/** Who came in, who tried to, and what was changed: so that a person sees what was not them. */
export default function AccountLog() {
  const { entries, next, isFirst } = useLoaderData<typeof loader>();
  return (
    <AccountFrame title="What happened to your account" back={{ to: "/account", label: "Back to your account" }}>
      <Card>
        {entries.length ? (
          <ol className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="account-log">
            {entries.map(({ id, at, words, isBad, device, address, by }) => (
              <li key={id} className="py-3 first:pt-0 last:pb-0">
                <p className={`font-medium ${isBad ? "text-rose-700 dark:text-rose-400" : ""}`}>{words}</p>
                <p className="text-sm text-slate-600 dark:text-slate-300">
                  <span className="tabular-nums">{at}</span>
                  {device && <> · {device}</>}
                  {address && <> · from {address}</>}
                  {by && <> · by {by}</>}
                </p>
              </li>
            ))}
          </ol>
        ) : (
          <p className="text-sm text-slate-600 dark:text-slate-300">Nothing is on record.</p>
        )}
        <div className="flex flex-wrap gap-2">
          {next !== null && (
            <Link to={`?before=${next}`} className={`${buttonClass("secondary")} mt-4`}>
              Older entries
            </Link>
          )}
          {!isFirst && (
            <Link to="?" className={`${buttonClass("secondary")} mt-4`}>
              Newest entries
            </Link>
          )}
        </div>
      </Card>
      <p className="text-sm text-slate-600 dark:text-slate-300">
        The device is what the browser called itself, the address the one that it came from. If something here was not
        you, change your password: that logs out everywhere else.
      </p>
    </AccountFrame>
  );
}
