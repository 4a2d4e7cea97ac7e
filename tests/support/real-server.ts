import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { AddressInfo } from "node:net";
import type { ServerBuild } from "@remix-run/node";
import type { RequestHandler } from "express";
import { createWebHandler } from "../../app/server.ts";
import * as entry from "../../app/entry.server.tsx";
import * as root from "../../app/root.tsx";
import { readEnvironment } from "../../platform/env.ts";
import { patience } from "../../ingest/main.ts";

/** The web server with all pages, as `energy web` runs it, without the bundle for browsers: for tests of what it answers. */

interface FoundRoute {
  id: string;
  parentId?: string;
  path?: string;
  index?: boolean;
  file: string;
}

const appFolder = fileURLToPath(new URL("../../app", import.meta.url));
const { flatRoutes } = createRequire(import.meta.url)("@remix-run/dev/dist/config/flat-routes.js") as {
  flatRoutes: (folder: string) => Record<string, FoundRoute>;
};

async function allPages(): Promise<ServerBuild> {
  const found = Object.values(flatRoutes(appFolder));
  const modules = await Promise.all(
    found.map(({ file }) => import(/* @vite-ignore */ `../../app/${file}`) as Promise<Record<string, unknown>>),
  );
  const all = [
    { id: "root", path: "", module: root as Record<string, unknown> },
    ...found.map(({ file: _file, ...route }, i) => ({
      ...route,
      parentId: route.parentId ?? "root",
      module: modules[i]!,
    })),
  ];
  const manifest = ({ module, ...route }: (typeof all)[number]) => ({
    ...{ ...route, module: `/assets/${route.id}.js`, imports: [], hasClientAction: false, hasClientLoader: false },
    ...{ hasAction: "action" in module, hasLoader: "loader" in module, hasErrorBoundary: "ErrorBoundary" in module },
  });
  return {
    mode: "production",
    routes: Object.fromEntries(all.map((route) => [route.id, route])),
    future: { v3_singleFetch: true, v3_relativeSplatPath: true, v3_lazyRouteDiscovery: true },
    entry: { module: entry },
    assets: {
      ...{ url: "/assets/manifest.js", version: "1", entry: { module: "/assets/entry.js", imports: [] } },
      routes: Object.fromEntries(all.map((route) => [route.id, manifest(route)])),
    },
    ...{ publicPath: "/", assetsBuildDirectory: "build/client", isSpaMode: false, basename: "/" },
  } as unknown as ServerBuild;
}

export interface RealServer {
  port: number;
  url: string;
  close(): Promise<void>;
}

/** On a free port of this machine; `settings` as in the environment, `before`: what the ingest takes. */
export async function startRealServer(
  settings: Record<string, string> = {},
  before: RequestHandler[] = [],
  waits = patience,
): Promise<RealServer> {
  const env = readEnvironment({
    ...{ NODE_ENV: "production", MQTT_PORT: "1884", SIGNUP: "open" },
    APP_SECRET: process.env["APP_SECRET"],
    ...settings,
  });
  const build = await allPages();
  const server: Server = createServer(waits, createWebHandler({ env, build, before }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
