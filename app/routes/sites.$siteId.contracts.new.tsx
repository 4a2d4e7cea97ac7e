import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { contractsOf, createContract } from "../../db/contracts.ts";
import { isoDay, localDay } from "../../domain/local-time/civil-day.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass, useFocusOnError } from "../components/form.tsx";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { editorChoices } from "../contracts/load-editor.server.ts";
import { contractMedia } from "../contracts/medium-words.ts";
import { NewContractForm, PasteJson } from "../contracts/new-contract-form.tsx";
import { readVersion, type VersionErrors } from "../contracts/read-version.server.ts";
import { ShapeChooser } from "../contracts/shape-chooser.tsx";
import { libraryItems, startingTariff } from "../contracts/starting-tariff.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: a new contract · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"], "contract.change");
  const query = new URL(request.url).searchParams;
  const others = await contractsOf(organizationId, site.id);
  return {
    site,
    ...(await editorChoices(organizationId, site)),
    library: libraryItems(),
    isJson: query.get("shape") === "json",
    start: startingTariff(query, site),
    today: isoDay(localDay(site.timezone, Date.now())),
    others: others.map(({ id, name, medium, channelId, endsOn }) => ({ id, name, medium, channelId, endsOn })),
  };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site, user } = await requireSite(request, params["siteId"], "contract.change");
  const form = await readForm(request);
  const name = String(form.get("name") ?? "").trim();
  const medium = contractMedia.find((known) => known === form.get("medium")) ?? "electricity";
  const channelId = form.get("channel") ? Number(form.get("channel")) : null;
  const read = readVersion(form, { medium, currency: site.currency, others: [] });
  const errors: VersionErrors = read.ok ? {} : read.errors;
  if (name === "" || name.length > 100) errors.name = "A name of 1 to 100 characters.";
  if (!read.ok || errors.name) return data({ errors }, { status: 400 });
  const given = { siteId: site.id, name, medium, channelId, createdBy: user.id };
  const contract = await createContract(organizationId, { ...given, version: read.version });
  if (!contract) return data({ errors: { tariff: "The meter is not at this place." } }, { status: 400 });
  throw redirect(`/sites/${site.id}/contracts/${contract.id}?saved=new`);
}

export default function NewContract() {
  const { site, library, start, isJson, today, others, priceChannels, meters } = useLoaderData<typeof loader>();
  const answer = useActionData<{ errors: VersionErrors }>();
  const { locale } = useFormats(site.timezone);
  useFocusOnError(answer);
  return (
    <>
      <PageTitle
        aside={
          <Link to={start || isJson ? "?" : ".."} relative="path" className={buttonClass("secondary")}>
            {start || isJson ? "Another shape" : "Back to the contracts"}
          </Link>
        }
      >
        A new contract
      </PageTitle>
      {!start && !isJson && <ShapeChooser library={library} locale={locale} />}
      {isJson && <PasteJson {...{ site, today, others, priceChannels, meters }} errors={answer?.errors ?? {}} />}
      {start && (
        <NewContractForm
          key={start.id}
          {...{ site, today, others, priceChannels, meters, start }}
          errors={answer?.errors ?? {}}
        />
      )}
    </>
  );
}
