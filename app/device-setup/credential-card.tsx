import { KeyRound } from "lucide-react";
import type { ReactNode } from "react";
import type { Credential } from "../../domain/access/credential.ts";
import { CopyButton } from "../components/copy-button.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";

const rows = [
  { name: "User name", key: "username", hint: "MQTT" },
  { name: "Password", key: "password", hint: "MQTT" },
  { name: "Token", key: "token", hint: "HTTP" },
] as const;

/** A credential, this once. */
export function CredentialCard({ credential }: { credential: Credential }) {
  return (
    <Card>
      <CardTitle aside={<Badge look="warn">Shown only now</Badge>}>Its credential</CardTitle>
      <dl className="divide-y divide-slate-100 dark:divide-slate-800">
        {rows.map(({ name, key, hint }) => (
          <div key={key} className="flex flex-wrap items-center gap-x-3 py-1.5 sm:flex-nowrap">
            <dt className="flex-1 text-sm text-slate-600 sm:w-36 sm:flex-none dark:text-slate-300">
              {name} <span className="text-slate-500 dark:text-slate-400">· {hint}</span>
            </dt>
            <dd
              data-testid={`credential-${key === "username" ? "user-name" : key}`}
              className="order-last min-w-0 basis-full break-all pb-2 font-mono text-sm sm:order-none sm:flex-1 sm:basis-auto sm:pb-0"
            >
              {credential[key]}
            </dd>
            <CopyButton text={credential[key]} label={name.toLowerCase()} />
          </div>
        ))}
      </dl>
      <p className="mt-3 text-sm text-slate-600 dark:text-slate-300">
        It is shown this once: copy it now, or paste it straight into the device with the steps below.
      </p>
    </Card>
  );
}

/** In its place when the page is opened again. */
export function CredentialHidden({ username, action }: { username: string | null; action: ReactNode }) {
  return (
    <Card>
      <CardTitle>Its credential</CardTitle>
      <div className="flex flex-wrap items-center gap-4">
        <span className="flex h-11 w-11 items-center justify-center rounded-full bg-slate-100 dark:bg-slate-800">
          <KeyRound className="h-5 w-5 text-slate-500 dark:text-slate-400" aria-hidden />
        </span>
        <p className="min-w-0 flex-1 basis-60 text-slate-600 dark:text-slate-300">
          {username ? (
            <>
              User name <code className="font-mono text-slate-900 dark:text-slate-100">{username}</code>. Password and
              token were shown once and are not shown again. If you have lost them, make new ones: the old ones stop
              working, the history stays.
            </>
          ) : (
            "A gateway speaks for it: it has no credential of its own."
          )}
        </p>
        {action}
      </div>
    </Card>
  );
}
