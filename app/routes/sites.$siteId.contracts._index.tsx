import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { Plus } from "lucide-react";
import { contractsOf } from "../../db/contracts.ts";
import { may } from "../../domain/access/permissions.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass } from "../components/form.tsx";
import { EmptyState, PageTitle } from "../components/frame.tsx";
import { Toast } from "../components/toast.tsx";
import { ContractCard } from "../contracts/contract-card.tsx";
import { contractView, todayAt } from "../contracts/contract-view.server.ts";
import { editorChoices } from "../contracts/load-editor.server.ts";
import { contractMedia, mediumWords } from "../contracts/medium-words.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: contracts · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role, user } = await requireSite(request, params["siteId"]);
  const contracts = await contractsOf(organizationId, site.id);
  const { meters } = await editorChoices(organizationId, site);
  const today = todayAt(site.timezone);
  return {
    site,
    contracts: contracts.map((contract) => contractView(contract, { userId: user.id, today })),
    meters,
    mayChange: may(role, "contract.change"),
  };
}

export default function Contracts() {
  const { site, contracts, meters, mayChange } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const [params] = useSearchParams();
  const add = mayChange && (
    <Link to="new" className={buttonClass()}>
      <Plus className="h-4 w-4" aria-hidden /> Add a contract
    </Link>
  );
  const used = contractMedia.filter((medium) => contracts.some((contract) => contract.medium === medium));
  return (
    <>
      <PageTitle aside={contracts.length > 0 && add}>Contracts</PageTitle>
      <Toast shown={params.get("deleted") && params}>Deleted</Toast>
      {contracts.length === 0 && (
        <EmptyState title="No contract yet" action={add}>
          {site.pricePerKwh === null
            ? "Enter what your supplier charges, and every figure has its cost: bills, charges, feed-in and taxes."
            : `Until there is one, electricity is counted at ${formats.price(site.pricePerKwh, site.currency)} per kWh, from the settings. A contract knows standing charges, times of day, feed-in and taxes too.`}
        </EmptyState>
      )}
      {used.map((medium) => (
        <section key={medium} aria-labelledby={`of-${medium}`} className="mb-8">
          <h2 id={`of-${medium}`} className="mb-3 text-base font-semibold">
            {mediumWords[medium]}
          </h2>
          <ul className="grid gap-4 lg:grid-cols-2">
            {contracts
              .filter((contract) => contract.medium === medium)
              .map((contract) => (
                <li key={contract.id}>
                  <ContractCard
                    contract={contract}
                    meter={meters.find(({ id }) => id === contract.channelId)?.label ?? null}
                    formats={formats}
                  />
                </li>
              ))}
          </ul>
        </section>
      ))}
    </>
  );
}
