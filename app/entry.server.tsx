import { PassThrough } from "node:stream";
import { createReadableStreamFromReadable, type AppLoadContext, type EntryContext } from "@remix-run/node";
import { RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { renderToPipeableStream } from "react-dom/server";
import { log } from "../platform/log.ts";
import { Nonce } from "./components/nonce.ts";

const abortAfterMs = 10_000;

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  context: EntryContext,
  { cspNonce }: AppLoadContext,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    // Crawlers get the whole page, people the shell at once.
    const whenReady = isbot(request.headers.get("user-agent") ?? "") ? "onAllReady" : "onShellReady";
    let shellIsOut = false;
    const page = (
      <Nonce.Provider value={cspNonce}>
        <RemixServer context={context} url={request.url} nonce={cspNonce} />
      </Nonce.Provider>
    );
    const { pipe, abort } = renderToPipeableStream(page, {
      nonce: cspNonce,
      [whenReady]() {
        shellIsOut = true;
        const body = new PassThrough();
        headers.set("Content-Type", "text/html; charset=utf-8");
        resolve(new Response(createReadableStreamFromReadable(body), { headers, status }));
        pipe(body);
      },
      onShellError: reject,
      onError(error) {
        status = 500;
        if (shellIsOut)
          log.error({ reason: (error as Error).message, stack: (error as Error).stack }, "rendering failed");
      },
    });
    setTimeout(abort, abortAfterMs).unref();
  });
}

/** Errors of loaders and actions; what the browser gets is without details in production. */
export function handleError(error: unknown, { request }: { request: Request }): void {
  if (request.signal.aborted) return;
  log.error(
    { url: new URL(request.url).pathname, reason: (error as Error).message, stack: (error as Error).stack },
    "a page failed",
  );
}
