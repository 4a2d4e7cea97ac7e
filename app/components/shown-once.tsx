import type { ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";
import { Badge, Card, CardTitle } from "./frame.tsx";

interface ShownOnceProps {
  title: string;
  secret: string;
  /** "the key": what is copied. */
  what: string;
  testId: string;
  children: ReactNode;
}

/** A secret, this once: only a hash of it, or nothing that a page could show, is kept. */
export function ShownOnce({ title, secret, what, testId, children }: ShownOnceProps) {
  return (
    <Card className="border-emerald-300 dark:border-emerald-800">
      <CardTitle aside={<Badge look="warn">Shown only now</Badge>}>{title}</CardTitle>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code data-testid={testId} className="min-w-0 break-all text-sm">
          {secret}
        </code>
        <CopyButton text={secret} label={what} />
      </div>
      {children}
    </Card>
  );
}
