import { useEffect, useState } from "react";
import type { Preview, PreviewRequest } from "./preview.ts";

const pauseMs = 350;

/** The preview of what is typed, once typing pauses; of two that overtake one another the later one counts. */
export function usePreview(
  siteId: string,
  request: PreviewRequest,
): { preview: Preview | null; isStale: boolean; isLost: boolean } {
  const body = JSON.stringify(request);
  const [answer, setAnswer] = useState<{ body: string; preview: Preview | null }>({ body: "", preview: null });
  useEffect(() => {
    const left = new AbortController();
    const timer = setTimeout(() => {
      askPreview(siteId, body, left.signal)
        .then((preview) => setAnswer({ body, preview }))
        .catch(() => left.signal.aborted || setAnswer({ body, preview: null }));
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [siteId, body]);
  return { preview: answer.preview, isStale: answer.body !== body, isLost: answer.body === body && !answer.preview };
}

async function askPreview(siteId: string, body: string, signal: AbortSignal): Promise<Preview> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`/sites/${siteId}/contracts/preview`, { method: "POST", body, headers, signal });
  if (!response.ok) throw new Error(`The preview was answered with ${response.status}.`);
  return (await response.json()) as Preview;
}
