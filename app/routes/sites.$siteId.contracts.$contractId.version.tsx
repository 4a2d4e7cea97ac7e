import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { putVersion } from "../../db/contracts.ts";
import { tariffFaults } from "../../domain/tariff/contract.ts";
import type { TariffDraft } from "../../domain/tariff/draft.ts";
import { buttonClass, useFocusOnError } from "../components/form.tsx";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { todayAt } from "../contracts/contract-view.server.ts";
import { editorChoices } from "../contracts/load-editor.server.ts";
import { readVersion, type VersionErrors } from "../contracts/read-version.server.ts";
import { requireContract } from "../contracts/require-contract.server.ts";
import { UnreadableVersion, VersionForm } from "../contracts/version-form.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.contract.name ?? "Contract"}: its prices · Energy Tracking` },
];

/** ?as=new: prices from a day on, beginning with those in force; ?as=correction&of=…: what a version should have said. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, contract } = await requireContract(request, params, "contract.change");
  const query = new URL(request.url).searchParams;
  const today = todayAt(site.timezone);
  const isCorrection = query.get("as") === "correction";
  const version = isCorrection
    ? contract.versions.find(({ id }) => id === query.get("of"))
    : (contract.versions.findLast(({ validFrom }) => validFrom <= today) ?? contract.versions[0]);
  if (!version) throw new Response("Not found", { status: 404 });
  const { id, name, medium, channelId, versions } = contract;
  return {
    site,
    today,
    isCorrection,
    contract: { id, name, medium, channelId, days: versions.map(({ validFrom }) => validFrom) },
    version: { id: version.id, validFrom: version.validFrom, tariff: version.tariff as TariffDraft },
    faults: tariffFaults(version.tariff),
    ...(await editorChoices(organizationId, site)),
  };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site, user, contract } = await requireContract(request, params, "contract.change");
  const { medium, versions: others } = contract;
  const form = await readForm(request);
  const read = readVersion(form, { medium, currency: site.currency, others });
  if (!read.ok) return data({ errors: read.errors }, { status: 400 });
  const { validFrom } = read.version;
  if (form.get("as") === "new" && others.some((other) => other.validFrom === validFrom))
    return data(
      { errors: { validFrom: "Prices from that day on are there already: correct them instead." } },
      { status: 400 },
    );
  await putVersion(organizationId, contract.id, { ...read.version, createdBy: user.id });
  throw redirect(`/sites/${site.id}/contracts/${contract.id}?saved=${validFrom}`);
}

export default function EditVersion() {
  const { site, today, contract, version, faults, isCorrection, priceChannels } = useLoaderData<typeof loader>();
  const answer = useActionData<{ errors: VersionErrors }>();
  useFocusOnError(answer);
  const props = { site, today, contract, version, isCorrection, priceChannels, errors: answer?.errors ?? {} };
  return (
    <>
      <PageTitle
        aside={
          <Link to={`/sites/${site.id}/contracts/${contract.id}`} className={buttonClass("secondary")}>
            Back to {contract.name}
          </Link>
        }
      >
        {isCorrection ? "Correct the prices" : "Prices change"}
      </PageTitle>
      {faults.length === 0 ? <VersionForm {...props} /> : <UnreadableVersion {...props} faults={faults} />}
    </>
  );
}
