import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { outline, type Field, type OperationOutline } from "../api/outline.server.ts";
import { Badge, Card } from "../components/frame.tsx";

export const meta: MetaFunction = () => [{ title: "API · Energy Tracking" }];

export function loader({ request }: LoaderFunctionArgs) {
  const server = `${new URL(request.url).origin}/api/v1`;
  return { server, ...outline(server) };
}

/** The OpenAPI document, to read. */
export default function ApiDocs() {
  const { server, description, tags, schemas } = useLoaderData<typeof loader>();
  return (
    <main className="mx-auto max-w-4xl px-4 py-10">
      <h1 className="text-2xl font-semibold tracking-tight">The API</h1>
      <p className="mt-2 text-slate-600 dark:text-slate-300">
        <Prose>{description}</Prose>
      </p>
      <pre tabIndex={0} className="mt-4 overflow-x-auto rounded-xl bg-slate-900 p-4 text-sm text-slate-100">
        {`curl -H "Authorization: Bearer $KEY" ${server}/devices`}
      </pre>
      <p className="mt-3 text-sm text-slate-600 dark:text-slate-300">
        For programs:{" "}
        <a href="/api/v1/openapi.json" className="font-medium text-emerald-700 underline dark:text-emerald-400">
          the OpenAPI 3.1 document
        </a>
        . A key comes from <code>energy org create</code>.
      </p>
      <nav aria-label="Parts of the API" className="mt-6 flex flex-wrap gap-x-4 text-sm">
        {[...tags.map((tag) => tag.name), "Schemas"].map((name) => (
          <a
            key={name}
            href={`#${name}`}
            className="inline-flex min-h-11 items-center font-medium text-emerald-700 underline dark:text-emerald-400"
          >
            {name}
          </a>
        ))}
      </nav>
      {tags.map(({ name, operations }) => (
        <section key={name} id={name} className="mt-8">
          <h2 className="text-xl font-semibold">{name}</h2>
          {operations.map((operation) => (
            <OperationCard key={operation.id} operation={operation} />
          ))}
        </section>
      ))}
      <section id="Schemas" className="mt-8">
        <h2 className="text-xl font-semibold">Schemas</h2>
        {schemas.map(({ name, description: about, fields }) => (
          <Card key={name} className="mt-4">
            <h3 id={`schema-${name}`} className="font-mono text-sm font-semibold">
              {name}
            </h3>
            {about && (
              <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">
                <Prose>{about}</Prose>
              </p>
            )}
            <Fields caption={`Fields of ${name}`} fields={fields} />
          </Card>
        ))}
      </section>
    </main>
  );
}

const looks = { GET: "good", POST: "plain", PATCH: "warn", DELETE: "bad" } as const;

function OperationCard({ operation }: { operation: OperationOutline }) {
  const { id, method, path, summary, description, needs, parameters, body, answers } = operation;
  return (
    <Card className="mt-4">
      <h3 id={id} className="flex flex-wrap items-center gap-2 break-all font-mono text-sm">
        <Badge look={looks[method as keyof typeof looks] ?? "plain"}>{method}</Badge> {path}
      </h3>
      <p className="mt-2 font-medium">{summary}</p>
      {description && (
        <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">
          <Prose>{description}</Prose>
        </p>
      )}
      <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">Needs: {needs}.</p>
      <Fields
        caption="Parameters"
        fields={parameters.map((p) => ({ ...p, name: p.in === "path" ? `{${p.name}}` : `?${p.name}` }))}
      />
      <Fields caption="Body" fields={body} />
      <ul className="mt-4 space-y-1 text-sm text-slate-600 dark:text-slate-300">
        {answers.map(({ status, description: about, schema }) => (
          <li key={status}>
            <code className="font-semibold text-slate-900 dark:text-slate-100">{status}</code> <Prose>{about}</Prose>
            {schema && schema !== "Problem" && <code className="ml-2">{schema}</code>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** The document's descriptions are CommonMark, of which they use code spans. */
function Prose({ children }: { children: string }) {
  return children.split("`").map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part));
}

function Fields({ caption, fields }: { caption: string; fields: readonly Field[] }) {
  if (!fields.length) return null;
  return (
    <div tabIndex={0} role="region" aria-label={caption} className="mt-4 overflow-x-auto">
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead className="text-xs text-slate-500 dark:text-slate-400">
          <tr>
            <th scope="col" className="py-1 pr-4 font-medium">
              {caption}
            </th>
            <th scope="col" className="py-1 pr-4 font-medium">
              Type
            </th>
            <th scope="col" className="py-1 font-medium">
              Meaning
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ name, type, isRequired, description }) => (
            <tr key={name} className="border-t border-slate-100 align-top dark:border-slate-800">
              <td className="py-1.5 pr-4 font-mono">
                {name}
                {isRequired && (
                  <span title="required" aria-label="required">
                    *
                  </span>
                )}
              </td>
              <td className="max-w-xs py-1.5 pr-4 font-mono text-xs text-slate-600 dark:text-slate-300">{type}</td>
              <td className="py-1.5 text-slate-600 dark:text-slate-300">
                <Prose>{description}</Prose>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
