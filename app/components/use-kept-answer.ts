import { useActionData } from "@remix-run/react";
import { useRef } from "react";

/** The newest answer of the page's action, also after the page was read anew (useLookAgain): Remix forgets it then. */
export function useKeptAnswer<T>(): T | undefined {
  const answer = useActionData() as T | undefined;
  const kept = useRef(answer);
  if (answer !== undefined) kept.current = answer;
  return kept.current;
}
