import { useRouteLoaderData } from "@remix-run/react";
import { useEffect, useMemo, useState } from "react";
import type { loader as rootLoader } from "../root.tsx";
import { formatsOf, type Formats } from "./formats.ts";

export function useFormats(timezone: string): Formats {
  const locale = useRouteLoaderData<typeof rootLoader>("root")?.locale ?? "en-GB";
  return useMemo(() => formatsOf(locale, timezone), [locale, timezone]);
}

/** The time, each second; the server's at first, so that the first rendering agrees with what was sent. */
export function useNow(serverNowMs: number): number {
  const [now, setNow] = useState(serverNowMs);
  useEffect(() => {
    const offset = serverNowMs - Date.now();
    const timer = setInterval(() => setNow(Date.now() + offset), 1_000);
    return () => clearInterval(timer);
  }, [serverNowMs]);
  return now;
}
