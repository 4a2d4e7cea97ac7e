import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { deleteContract, pastVersions, updateContract, withdrawVersion } from "../../db/contracts.ts";
import { may } from "../../domain/access/permissions.ts";
import { parseDay } from "../../domain/local-time/civil-day.ts";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass, FormError } from "../components/form.tsx";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";
import { ContractSettings } from "../contracts/contract-settings.tsx";
import { authorWords, contractView, todayAt, versionView } from "../contracts/contract-view.server.ts";
import { PastVersions } from "../contracts/past-versions.tsx";
import { requireContract } from "../contracts/require-contract.server.ts";
import { Timeline } from "../contracts/timeline.tsx";
import { VersionList } from "../contracts/version-list.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.contract.name ?? "Contract"} · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role, user, contract } = await requireContract(request, params);
  const today = todayAt(site.timezone);
  const past = await pastVersions(organizationId, contract.id);
  return {
    site,
    today,
    contract: contractView(contract, { userId: user.id, today }),
    past: past.map(({ supersededMs, supersededBy, supersededAuthor, ...version }) => ({
      ...versionView(version, user.id),
      supersededMs,
      supersededBy: authorWords({ id: supersededBy, name: supersededAuthor }, user.id),
    })),
    mayChange: may(role, "contract.change"),
  };
}

interface Answer {
  done: string | null;
  error?: string;
  field?: "name" | "endsOn";
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site, user, contract } = await requireContract(request, params, "contract.change");
  const form = await readForm(request);
  const refuse = (error: string, field?: Answer["field"]) =>
    data<Answer>({ done: null, error, ...(field && { field }) }, { status: 400 });
  switch (form.get("intent")) {
    case "change": {
      const name = String(form.get("name") ?? "").trim();
      const endsOn = String(form.get("endsOn") ?? "") || null;
      if (name === "" || name.length > 100) return refuse("A name of 1 to 100 characters.", "name");
      if (endsOn !== null && parseDay(endsOn) === null) return refuse("Choose a date.", "endsOn");
      if (endsOn !== null && endsOn <= contract.versions[0]!.validFrom)
        return refuse("It cannot end before it begins.", "endsOn");
      await updateContract(organizationId, contract.id, { name, endsOn });
      return data<Answer>({ done: "Saved" });
    }
    case "withdraw": {
      const versionId = String(form.get("version") ?? "");
      const outcome = await withdrawVersion(organizationId, contract.id, { versionId, by: user.id });
      if (outcome === "only-version") return refuse("It is the only version: correct it, or delete the contract.");
      if (outcome === "not-found") return refuse("That version does not hold any more: somebody was quicker.");
      return data<Answer>({ done: "Taken back" });
    }
    case "delete": {
      await deleteContract(organizationId, contract.id);
      throw redirect(`/sites/${site.id}/contracts?deleted=1`);
    }
    default:
      throw new Response("What to do?", { status: 400 });
  }
}

export default function ContractPage() {
  const { site, today, contract, past, mayChange } = useLoaderData<typeof loader>();
  const answer = useActionData<Answer>();
  const formats = useFormats(site.timezone);
  const [params] = useSearchParams();
  return (
    <>
      <PageTitle
        aside={
          <Link to={`/sites/${site.id}/contracts`} className={buttonClass("secondary")}>
            All contracts
          </Link>
        }
      >
        {contract.name}
      </PageTitle>
      <Toast shown={answer?.done ? answer : params.get("saved") && params}>{answer?.done ?? "Saved"}</Toast>
      {!answer?.field && <FormError>{answer?.error}</FormError>}
      <div className="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-3">
        <div className="space-y-4 xl:col-span-2">
          <Card>
            <CardTitle
              aside={
                mayChange && (
                  <Link to="version?as=new" className={buttonClass()}>
                    Prices change …
                  </Link>
                )
              }
            >
              Its prices over time
            </CardTitle>
            <Timeline {...{ contract, today, formats }} />
            <VersionList {...{ contract, formats, mayChange }} />
          </Card>
          <PastVersions past={past} formats={formats} />
        </div>
        {mayChange && (
          <ContractSettings
            key={`${contract.name} ${contract.endsOn}`}
            contract={contract}
            error={answer?.field ? { [answer.field]: answer.error } : {}}
          />
        )}
      </div>
    </>
  );
}
