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

export default defineConfig({
  plugins: [
    // Remix guards only *.server files inside app/: the other server folders need a guard of their own.
    denyImports({ client: { files: ["db/**", "platform/**", "ingest/**", "workers/**", "**/*.server.*"], specifiers: [/^node:/, "pg"] } }),
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
  build: {
    target: "es2022",
    rollupOptions: { treeshake: { moduleSideEffects: (id) => !sideEffectFree.test(id) } },
  },
  ssr: { noExternal: ["@tremor/react"] },
});
