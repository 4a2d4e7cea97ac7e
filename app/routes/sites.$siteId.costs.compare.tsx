import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { parseJson } from "../api/request.server.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Button, FormError, TextAreaField } from "../components/form.tsx";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import {
  comparableLibrary,
  compareTariffs,
  longestPasted,
  ownTariffs,
  type RankingShown,
} from "../costs/compare.server.ts";
import { priceOfSettings } from "../costs/contract-bill.server.ts";
import { CostsNav } from "../costs/costs-nav.tsx";
import { RankingCard } from "../costs/ranking-card.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: compare tariffs · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const { id, name, timezone, currency } = site;
  const own = await ownTariffs(organizationId, site);
  return {
    site: { id, name, timezone, currency },
    own: own.map((contract) => ({ id: contract.id ?? priceOfSettings, name: contract.name })),
    library: comparableLibrary(currency),
  };
}

interface Answer {
  error: string | null;
  ranking: RankingShown | null;
  pasted: string;
}

/** A question, not a change: whoever may read the site may ask it. */
export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const form = await readForm(request);
  const pasted = String(form.get("json") ?? "").trim();
  const refuse = (error: string) => data<Answer>({ error, ranking: null, pasted }, { status: 400 });
  if (pasted.length > longestPasted) return refuse("The tariff that was pasted is longer than 500,000 characters.");
  let tariffs: unknown[] = [];
  try {
    tariffs = pasted ? [parseJson(pasted)] : [];
  } catch {
    return refuse(
      'What was pasted is no JSON: a tariff such as {"name": …, "currency": …, "components": […]} is expected.',
    );
  }
  const names = (field: string) => form.getAll(field).map(String);
  const chosen = { library: names("library"), contracts: names("contract"), tariffs };
  const compared = await compareTariffs(organizationId, site, chosen, Date.now());
  return compared.ok ? data<Answer>({ error: null, ranking: compared.ranking, pasted }) : refuse(compared.error);
}

export default function Compare() {
  const { site, own, library } = useLoaderData<typeof loader>();
  const answer = useActionData<Answer>();
  const formats = useFormats(site.timezone);
  const isPending = useNavigation().state !== "idle";
  return (
    <>
      <PageTitle>Compare tariffs</PageTitle>
      <CostsNav siteId={site.id} current="costs/compare" />
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-3">
        <Card>
          <CardTitle>Which tariffs</CardTitle>
          <Form method="post" preventScrollReset className="space-y-5">
            <Choices legend="Your own" field="contract" items={own} />
            <Choices legend={`From the library, in ${site.currency}`} field="library" items={library} />
            <details open={Boolean(answer?.pasted)}>
              <summary className="cursor-pointer text-sm font-medium">Another one, as JSON</summary>
              <div className="mt-2">
                <TextAreaField
                  label="Tariff"
                  name="json"
                  rows={8}
                  spellCheck={false}
                  defaultValue={answer?.pasted ?? ""}
                  hint="As the API and the contract editor write it."
                />
              </div>
            </details>
            <FormError>{answer?.error}</FormError>
            <Button disabled={isPending}>{isPending ? "Working it out …" : "Compare"}</Button>
          </Form>
        </Card>
        <div className="lg:col-span-2">
          {answer?.ranking ? (
            <RankingCard ranking={answer.ranking} siteId={site.id} pasted={answer.pasted} formats={formats} />
          ) : (
            <Card>
              <p className="text-slate-600 dark:text-slate-300">
                Every chosen tariff bills what this place really used in the last twelve months, quarter-hour by
                quarter-hour. The library&apos;s prices are examples: paste your offer&apos;s own prices to decide by
                them.
              </p>
            </Card>
          )}
        </div>
      </div>
    </>
  );
}

function Choices({ legend, field, items }: { legend: string; field: string; items: { id: string; name: string }[] }) {
  if (!items.length) return null;
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      {items.map(({ id, name }) => (
        <label key={id} className="flex min-h-11 cursor-pointer items-center gap-3 py-1 text-sm">
          <input
            type="checkbox"
            name={field}
            value={id}
            defaultChecked
            className="h-5 w-5 rounded border-slate-400 text-emerald-700 focus:ring-emerald-500 dark:bg-slate-900"
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
