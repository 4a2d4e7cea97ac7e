import { useRevalidator } from "@remix-run/react";
import { useEffect } from "react";

const lookEveryMs = 1_000;

/** While something is under way, the page's data are read anew every second. */
export function useLookAgain(isUnderWay: boolean): void {
  const { revalidate, state } = useRevalidator();
  useEffect(() => {
    if (!isUnderWay || state !== "idle") return;
    const timer = setTimeout(revalidate, lookEveryMs);
    return () => clearTimeout(timer);
  }, [isUnderWay, state, revalidate]);
}
