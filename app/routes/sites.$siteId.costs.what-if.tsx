import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData, useLocation, useNavigation } from "@remix-run/react";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { FormError } from "../components/form.tsx";
import { EmptyState, PageTitle } from "../components/frame.tsx";
import { ownTariffs } from "../costs/compare.server.ts";
import { priceOfSettings } from "../costs/contract-bill.server.ts";
import { CostsNav } from "../costs/costs-nav.tsx";
import { WhatIfQuestion } from "../costs/what-if-form.tsx";
import { readWhatIf, scenarioOfForm } from "../costs/what-if-query.ts";
import { WhatIfResult } from "../costs/what-if-result.tsx";
import { whatIf } from "../costs/what-if.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: what if · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const { id, name, timezone, currency } = site;
  const form = readWhatIf(new URL(request.url).searchParams, timezone);
  const contracts = (await ownTariffs(organizationId, site)).map((contract) => ({
    ...{ id: contract.id ?? priceOfSettings, name: contract.name },
  }));
  const read = scenarioOfForm(form);
  const answer = read.ok && contracts.length ? await whatIf(organizationId, site, read.scenario, Date.now()) : read;
  return {
    ...{ site: { id, name, timezone, currency }, form, contracts },
    result: answer.ok && "result" in answer ? answer.result : null,
    error: answer.ok ? null : answer.error,
  };
}

export default function WhatIfPage() {
  const { site, form, contracts, result, error } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const isLoading = useNavigation().state !== "idle";
  const { search } = useLocation();
  const fields = Object.fromEntries(new URLSearchParams(search));
  return (
    <>
      <PageTitle>What if</PageTitle>
      <CostsNav siteId={site.id} current="costs/what-if" />
      {!contracts.length ? (
        <EmptyState title="No prices yet">
          Enter a contract for this place&apos;s electricity, or a price per kWh in the settings: then solar, a battery
          or another time of day can be reckoned.
        </EmptyState>
      ) : (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <WhatIfQuestion form={form} contracts={contracts} currency={site.currency} formats={formats} />
          <div
            aria-busy={isLoading}
            aria-live="polite"
            className={`transition-opacity lg:sticky lg:top-6 ${isLoading ? "opacity-60" : ""}`}
          >
            <FormError>{error}</FormError>
            {result && <WhatIfResult key={search} {...{ result, fields, formats }} siteId={site.id} />}
          </div>
        </div>
      )}
    </>
  );
}
