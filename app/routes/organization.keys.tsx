import {
  data,
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
} from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { apiKeysPage, mostApiKeys, revokeApiKey } from "../../db/api-keys.ts";
import { listSites } from "../../db/sites.ts";
import { mayInOrganization } from "../../domain/access/permissions.ts";
import { publicUrl } from "../../platform/env.ts";
import { KeyList } from "../api-keys/key-list.tsx";
import { MadeKey } from "../api-keys/made-key.tsx";
import { NewKeyForm } from "../api-keys/new-key-form.tsx";
import { readKeyForm, type KeyErrors, type KeyValues } from "../api-keys/read-key-form.server.ts";
import { makeKey } from "../api/api-keys.server.ts";
import { Problem } from "../api/problem.server.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass, FormError, useFocusOnError } from "../components/form.tsx";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";

export const meta: MetaFunction = () => [{ title: "API keys · Energy Tracking" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const member = await requireOrganization(request, "key.read");
  const { organizationId } = member;
  const [keys, sites] = await Promise.all([
    apiKeysPage(organizationId, { after: null, limit: mostApiKeys }),
    listSites(organizationId),
  ]);
  return {
    server: `${publicUrl(context.env)}/api/v1`,
    nowMs: Date.now(),
    // The newest first: it is the one that was just made.
    keys: keys.items.reverse(),
    sites: sites.map(({ id, name, timezone }) => ({ id, name, timezone })),
    mayChange: mayInOrganization(member, "key.change"),
  };
}

interface Answer {
  made?: { name: string; secret: string };
  revoked?: boolean;
  values?: KeyValues;
  errors?: KeyErrors;
  error?: string;
}

export async function action({ request }: ActionFunctionArgs) {
  const { organizationId, user } = await requireOrganization(request, "key.change");
  const form = await readForm(request);
  const intent = form.get("intent");
  if (intent === "revoke") {
    const revoked = await revokeApiKey(organizationId, String(form.get("id")));
    if (!revoked) throw new Response("Not found", { status: 404 });
    return data<Answer>({ revoked });
  }
  if (intent !== "make") throw new Response("Unknown intent", { status: 400 });
  const read = readKeyForm(form, Date.now());
  if (!read.ok) return data<Answer>({ values: read.values, errors: read.errors }, { status: 400 });
  try {
    const { name, secret } = await makeKey(organizationId, read.key, user.id);
    return data<Answer>({ made: { name, secret } }, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    if (error instanceof Problem) return data<Answer>({ error: error.message }, { status: error.status });
    throw error;
  }
}

/** What the answer to the form says of itself goes to the browser also where no script asked. */
export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

/** The keys by which programs use the API of an organization. */
export default function ApiKeys() {
  const { keys, sites, mayChange, server, nowMs } = useLoaderData<typeof loader>();
  const answer = useActionData<Answer>();
  const formats = useFormats(sites[0]?.timezone ?? "UTC");
  useFocusOnError(answer);
  const docs = (
    <Link to="/docs/api" className={buttonClass("secondary")}>
      How the API works
    </Link>
  );
  return (
    <>
      <PageTitle aside={docs}>API keys</PageTitle>
      <Toast shown={answer?.revoked && answer}>Revoked</Toast>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-5">
        <div className="space-y-4 lg:order-last lg:col-span-3">
          {answer?.made && <MadeKey {...answer.made} server={server} />}
          <KeyList {...{ keys, sites, mayChange, formats, nowMs }} />
        </div>
        {mayChange && (
          <div className="space-y-4 lg:col-span-2">
            <FormError>{answer?.error}</FormError>
            <NewKeyForm
              key={answer?.made?.secret ?? "form"}
              sites={sites}
              values={answer?.values}
              errors={answer?.errors ?? {}}
            />
          </div>
        )}
      </div>
    </>
  );
}
