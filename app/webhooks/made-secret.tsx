import { CopyButton } from "../components/copy-button.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";

/** A secret, this once. `isNew`: the one before it still signs for a day. */
export function MadeSecret({ name, secret, isNew }: { name: string; secret: string; isNew: boolean }) {
  return (
    <Card className="border-emerald-300 dark:border-emerald-800">
      <CardTitle aside={<Badge look="warn">Shown only now</Badge>}>The secret of {name}</CardTitle>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code data-testid="webhook-secret" className="min-w-0 break-all text-sm">
          {secret}
        </code>
        <CopyButton text={secret} label="the secret" />
      </div>
      <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">
        The receiver verifies by it that a message comes from here (Standard Webhooks, HMAC-SHA256).
        {isNew
          ? ""
          : " For 24 hours messages are signed with the old one as well, so that it can be put in place meanwhile."}
      </p>
    </Card>
  );
}
