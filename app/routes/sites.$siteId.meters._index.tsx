import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { siteMeters } from "../../db/meters.ts";
import { may } from "../../domain/access/permissions.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { changeMeters } from "../meters/change-meters.server.ts";
import { GroupCard } from "../meters/group-card.tsx";
import { MeterTreeCard } from "../meters/meter-tree-card.tsx";
import { VirtualMeterCard } from "../meters/virtual-meter-card.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: meters · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const { id, name, timezone } = site;
  return {
    site: { id, name, timezone },
    ...(await siteMeters(organizationId, site.id)),
    mayChange: may(role, "channel.change"),
  };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"], "channel.change");
  const answer = await changeMeters(organizationId, site.id, await readForm(request));
  return data(answer, { status: answer.saved ? 200 : 400 });
}

export default function Meters() {
  const { site, meters, virtual, groups, mayChange } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  return (
    <>
      <PageTitle>Meters and rooms</PageTitle>
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-3">
        <div className="space-y-4 xl:col-span-2">
          <MeterTreeCard {...{ meters, groups, mayChange }} siteId={site.id} />
          <VirtualMeterCard {...{ virtual, meters, formats, mayChange }} siteId={site.id} />
        </div>
        <GroupCard {...{ groups, meters, mayChange }} />
      </div>
    </>
  );
}
