import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { operations } from "../api/catalogue.server.ts";
import { Badge, Card } from "../components/frame.tsx";

export const meta: MetaFunction = () => [{ title: "API · Energy Tracking" }];

export function loader({ request }: LoaderFunctionArgs) {
  return {
    origin: new URL(request.url).origin,
    operations: operations.map(({ method, path, id, summary, scope }) => ({ method, path, id, summary, scope })),
  };
}

/** The API at a glance; the OpenAPI document has every field. */
export default function ApiDocs() {
  const { origin, operations: all } = useLoaderData<typeof loader>();
  return (
    <main className="mx-auto max-w-3xl px-4 py-10">
      <h1 className="text-2xl font-semibold tracking-tight">The API</h1>
      <p className="mt-2 text-slate-600 dark:text-slate-300">
        JSON under <code>{origin}/api/v1</code>, with <code>Authorization: Bearer &lt;key&gt;</code>. Every schema is in the{" "}
        <a href="/api/v1/openapi.json" className="font-medium text-emerald-700 underline dark:text-emerald-400">
          OpenAPI 3.1 document
        </a>
        .
      </p>
      <Card className="mt-6 p-2">
        <ul className="divide-y divide-slate-100 dark:divide-slate-800">
          {all.map(({ id, method, path, summary, scope }) => (
            <li key={id} className="px-3 py-3">
              <p className="flex flex-wrap items-center gap-2 font-mono text-sm">
                <Badge look={method === "GET" ? "good" : method === "DELETE" ? "bad" : "warn"}>{method}</Badge> {path}
              </p>
              <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">
                {summary}. Scope {scope}.
              </p>
            </li>
          ))}
        </ul>
      </Card>
    </main>
  );
}
