import { useNavigation } from "@remix-run/react";
import { useEffect, useState } from "react";

/** A thin bar on top while a page or a form is on its way; quick ones show none. */
export function PendingBar() {
  const isPending = useNavigation().state !== "idle";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!isPending) return setShown(false);
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, [isPending]);
  return (
    <div role="progressbar" aria-label="Loading" aria-hidden={!shown} className="fixed inset-x-0 top-0 z-40 h-1">
      {shown && <div className="h-full w-1/3 animate-pending rounded-full bg-emerald-500 motion-reduce:w-full" />}
    </div>
  );
}
