import { ShownOnce } from "../components/shown-once.tsx";

/** A webhook's secret, this once. `isNew`: there was none before it, which would sign for a day more. */
export function MadeSecret({ name, secret, isNew }: { name: string; secret: string; isNew: boolean }) {
  return (
    <ShownOnce title={`The secret of ${name}`} secret={secret} what="the secret" testId="webhook-secret">
      <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">
        The receiver verifies by it that a message comes from here.
        {isNew
          ? ""
          : " For 24 hours messages are signed with the old one as well, so that it can be put in place meanwhile."}
      </p>
    </ShownOnce>
  );
}
