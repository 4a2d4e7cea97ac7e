import { Card, CardTitle, Badge } from "../components/frame.tsx";
import { CodeBlock } from "../components/code-block.tsx";
import { CopyButton } from "../components/copy-button.tsx";

/** A key, this once. */
export function MadeKey({ name, secret, server }: { name: string; secret: string; server: string }) {
  return (
    <Card className="border-emerald-300 dark:border-emerald-800">
      <CardTitle aside={<Badge look="warn">Shown only now</Badge>}>The key of {name}</CardTitle>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code data-testid="api-key-secret" className="min-w-0 break-all text-sm">
          {secret}
        </code>
        <CopyButton text={secret} label="the key" />
      </div>
      <p className="mb-4 mt-2 text-sm text-slate-600 dark:text-slate-300">
        Put it where only your program reads it. It is not shown again; a lost one is revoked, and a new one made.
      </p>
      <CodeBlock label="a first call" code={`curl -H "Authorization: Bearer ${secret}" \\\n  ${server}/sites`} />
    </Card>
  );
}
