import { existsSync } from "node:fs";
import type { Server } from "node:http";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Express, RequestHandler } from "express";
import { hub } from "../app/live/hub.server.ts";
import { createWebHandler } from "../app/server.ts";
import { startHeartbeat } from "../db/heartbeat.ts";
import { SetupError, tellLibrariesItIsBuilt, type Environment } from "../platform/env.ts";
import { log } from "../platform/log.ts";

const builtServer = fileURLToPath(new URL("../build/server/index.js", import.meta.url));

export interface Web {
  app: Express;
  /** Lets running requests end, and closes those that stay open (live streams) after three seconds. */
  stop(server: Server): Promise<void>;
}

/**
 * The web app as express handlers: the built one, or through vite where NODE_ENV is development and nothing is built. From here on
 * it says that it lives.
 */
export async function startWeb(env: Environment, before: RequestHandler[]): Promise<Web> {
  const web = await openWeb(env, before);
  const heartbeat = await startHeartbeat({
    kind: "web",
    counted: { requests: "web_requests_total", failures: "web_failures_total" },
    now: () => ({ streams: hub().size }),
    log,
  });
  return {
    ...web,
    async stop(server) {
      await heartbeat.stop();
      await web.stop(server);
    },
  };
}

async function openWeb(env: Environment, before: RequestHandler[]): Promise<Web> {
  if (existsSync(builtServer)) {
    tellLibrariesItIsBuilt();
    const build = await import(pathToFileURL(builtServer).href);
    return { app: createWebHandler({ build, env, before }), stop };
  }
  if (env.NODE_ENV === "production") throw new SetupError("The web app is not built: run `npm run build` first.");
  const { createServer } = await import("vite");
  const ours = process.listeners("SIGTERM");
  const devServer = await createServer({ server: { middlewareMode: true } });
  // Remix's compiler brings a listener that ends the process, with code 143, before everything else has stopped.
  for (const theirs of process.listeners("SIGTERM")) if (!ours.includes(theirs)) process.off("SIGTERM", theirs);
  return {
    app: createWebHandler({ devServer, env, before }),
    async stop(server) {
      await devServer.close();
      await stop(server);
    },
  };
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), 3_000);
  await closed;
  clearTimeout(timer);
}
