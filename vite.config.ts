import { vitePlugin as remix } from "@remix-run/dev";
import { defineConfig } from "vite";
import { denyImports } from "vite-env-only";

declare module "@remix-run/node" {
  interface Future {
    v3_singleFetch: true;
  }
}

/** Chart libraries say nothing about side effects; without this, a Card would bring every chart along. */
const sideEffectFree =
  /node_modules\/(@tremor|recharts|recharts-scale|date-fns|react-day-picker|@headlessui|tailwind-merge|victory-vendor|@floating-ui)\//;

/** Remix guards only *.server files inside app/: the other server folders need a guard of their own. */
const noServerInBrowser = denyImports({
  client: {
    files: ["db/**", "platform/**", "ingest/**", "workers/**", "generated/**", "**/*.server.*"],
    specifiers: [/^node:/, "pg"],
  },
});

/** What the browser needs ahead; the search for more would walk into what only the server imports. */
const browserPackages = [
  "react",
  "react/jsx-runtime",
  "react/jsx-dev-runtime",
  "react-dom",
  "react-dom/client",
  "@remix-run/react",
  "lucide-react",
  "temporal-polyfill",
  "decimal.js",
  "uplot",
  "zod",
];

export default defineConfig(({ command }) => ({
  plugins: [
    // In development Remix itself asks for the styles of server files, which the guard would take for an offence.
    command === "build" && noServerInBrowser,
    remix({
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        v3_lazyRouteDiscovery: true,
        v3_singleFetch: true,
      },
      ignoredRouteFiles: ["**/*.test.*"],
    }),
  ],
  optimizeDeps: { include: browserPackages, noDiscovery: true },
  build: {
    target: "es2022",
    rollupOptions: { treeshake: { moduleSideEffects: (id) => !sideEffectFree.test(id) } },
  },
}));
