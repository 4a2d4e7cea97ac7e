import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { useState } from "react";
import { outline } from "../api/outline.server.ts";
import { Fields, Prose } from "../api-docs/fields.tsx";
import { Answers, OperationCard } from "../api-docs/operation-card.tsx";
import { CodeBlock } from "../components/code-block.tsx";
import { TextField } from "../components/form.tsx";
import { Card } from "../components/frame.tsx";

export const meta: MetaFunction = () => [{ title: "API · Energy Tracking" }];

export function loader({ request }: LoaderFunctionArgs) {
  const server = `${new URL(request.url).origin}/api/v1`;
  return { server, ...outline(server) };
}

const link = "font-medium text-emerald-700 underline dark:text-emerald-400";

/** The OpenAPI document, to read and to try. */
export default function ApiDocs() {
  const { server, description, always, tags, schemas } = useLoaderData<typeof loader>();
  const [apiKey, setApiKey] = useState("");
  const [first, ...rest] = description.split("\n\n");
  return (
    <main className="mx-auto max-w-4xl px-4 py-10">
      <h1 className="text-2xl font-semibold tracking-tight">The API</h1>
      <p className="mb-4 mt-2 text-slate-600 dark:text-slate-300">
        <Prose>{first!}</Prose>
      </p>
      <CodeBlock label="a first call" code={`curl -H "Authorization: Bearer $KEY" ${server}/devices`} />
      <p className="mt-3 text-sm text-slate-600 dark:text-slate-300">
        A key is made under{" "}
        <Link to="/organization/keys" className={link}>
          API keys
        </Link>
        , or by <code>energy org create</code>. For programs:{" "}
        <a href="/api/v1/openapi.json" className={link}>
          the OpenAPI 3.1 document
        </a>
        .
      </p>
      <ul className="mt-6 list-disc space-y-2 pl-5 text-sm text-slate-600 dark:text-slate-300">
        {rest.map((paragraph) => (
          <li key={paragraph}>
            <Prose>{paragraph}</Prose>
          </li>
        ))}
      </ul>
      <details className="mt-4">
        <summary className={`inline-flex min-h-11 cursor-pointer items-center text-sm ${link}`}>
          What every call can be answered with
        </summary>
        <Answers answers={always} />
      </details>
      <Card className="mt-6">
        <TextField
          label="API key to try calls with"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={apiKey}
          onChange={(event) => setApiKey(event.currentTarget.value.trim())}
          placeholder="ek_…"
          hint="It stays in this page: it is sent with the calls that you try, and is gone when you leave."
        />
      </Card>
      <nav aria-label="Parts of the API" className="mt-6 flex flex-wrap gap-x-4 text-sm">
        {[...tags.map((tag) => tag.name), "Schemas"].map((name) => (
          <a key={name} href={`#${name}`} className={`inline-flex min-h-11 items-center ${link}`}>
            {name}
          </a>
        ))}
      </nav>
      {tags.map(({ name, operations }) => (
        <section key={name} id={name} className="mt-8">
          <h2 className="text-xl font-semibold">{name}</h2>
          {operations.map((operation) => (
            <OperationCard key={operation.id} operation={operation} apiKey={apiKey} />
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
