import { Form, Link } from "@remix-run/react";
import { MonitorSmartphone } from "lucide-react";
import { ago } from "../charts/formats.ts";
import { Button, textLink } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { AccountForm } from "./account-form.tsx";

export interface SessionLine {
  id: string;
  device: string;
  /** The address on the network that it was last used from; empty: not known. */
  address: string;
  createdMs: number;
  lastUsedMs: number;
  isCurrent: boolean;
}

/** Where a person is logged in, so that they see what is not theirs. */
export function SessionsCard({ sessions, nowMs }: { sessions: SessionLine[]; nowMs: number }) {
  return (
    <Card>
      <CardTitle>Where you are logged in</CardTitle>
      <ul className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="sessions">
        {sessions.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
            <MonitorSmartphone className="h-5 w-5 shrink-0 text-slate-500 dark:text-slate-400" aria-hidden />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2 font-medium">
                {session.device} {session.isCurrent && <Badge look="good">This device</Badge>}
              </p>
              <p className="text-sm text-slate-600 dark:text-slate-300">
                {session.address && <>from {session.address} · </>}
                last used {ago(session.lastUsedMs, nowMs)} · logged in {ago(session.createdMs, nowMs)}
              </p>
            </div>
            {!session.isCurrent && <EndButton session={session} />}
          </li>
        ))}
      </ul>
      <p className="mt-3 text-sm text-slate-600 dark:text-slate-300">
        A login ends after 30 days without use, and after 90 days in any case. The device is what the browser calls
        itself, the address the one it came from.
      </p>
      <p className="mt-3 text-sm">
        <Link to="/account/log" className={textLink}>
          What happened to your account
        </Link>
      </p>
      {sessions.length > 1 && (
        <div className="mt-4">
          <AccountForm intent="other-sessions" label="Log out all other devices" look="secondary" />
        </div>
      )}
    </Card>
  );
}

function EndButton({ session }: { session: SessionLine }) {
  return (
    <Form method="post">
      <input type="hidden" name="intent" value="session" />
      <input type="hidden" name="session" value={session.id} />
      <Button look="secondary" aria-label={`Log out ${session.device}`}>
        Log out
      </Button>
    </Form>
  );
}
