import { PassThrough } from "node:stream";
import { createReadableStreamFromReadable, type AppLoadContext, type EntryContext } from "@remix-run/node";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { renderToPipeableStream } from "react-dom/server";
import { log } from "../platform/log.ts";
import { withoutSecret } from "./auth/secret-link.server.ts";
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
        body.on("close", () => clearTimeout(timer));
        headers.set("Content-Type", "text/html; charset=utf-8");
        keepPrivate(headers);
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
    const timer = setTimeout(abort, abortAfterMs);
    timer.unref();
  });
}

/** What pages load while one goes from page to page. */
export function handleDataRequest(response: Response): Response {
  keepPrivate(response.headers);
  return response;
}

/** Pages are one person's: no cache in between may keep them. A route that says more about it is left alone. */
function keepPrivate(headers: Headers): void {
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "private, no-cache");
}

/** Errors of loaders and actions; what the browser gets is without details in production. */
export function handleError(error: unknown, { request }: { request: Request }): void {
  if (request.signal.aborted || isUnknownAddress(error)) return;
  log.error(
    {
      url: withoutSecret(new URL(request.url).pathname),
      reason: (error as Error).message,
      stack: (error as Error).stack,
    },
    "a page failed",
  );
}

/** Robots try thousands of addresses that do not exist; Remix calls each an error. */
const isUnknownAddress = (error: unknown) => isRouteErrorResponse(error) && error.status === 404;
