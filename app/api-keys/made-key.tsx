import { CodeBlock } from "../components/code-block.tsx";
import { ShownOnce } from "../components/shown-once.tsx";

/** A key, this once. */
export function MadeKey({ name, secret, server }: { name: string; secret: string; server: string }) {
  return (
    <ShownOnce title={`The key of ${name}`} secret={secret} what="the key" testId="api-key-secret">
      <p className="mb-4 mt-2 text-sm text-slate-600 dark:text-slate-300">
        Put it where only your program reads it. It is not shown again; a lost one is revoked, and a new one made.
      </p>
      <CodeBlock label="a first call" code={`curl -H "Authorization: Bearer ${secret}" \\\n  ${server}/sites`} />
    </ShownOnce>
  );
}
