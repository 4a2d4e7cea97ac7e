import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { getDevice } from "../../db/devices.ts";
import { mergeDevices, previewMerge } from "../../db/merge.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Card, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Choose } from "../merging/choose.tsx";
import { Confirm } from "../merging/confirm.tsx";
import { mergeFaultWords } from "../merging/fault-words.ts";
import { mergeChoices } from "../merging/merge-choices.server.ts";
import { PairList, shownPair } from "../merging/pair-list.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Merge ${data?.device.name ?? "a device"} · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, device } = await requireDevice(request, params, "device.change");
  const choices = await mergeChoices(organizationId, device);
  const chosen = choices.find(({ id }) => id === new URL(request.url).searchParams.get("into"));
  const pairs = chosen ? await previewMerge(organizationId, device.id, chosen.id) : null;
  const into = chosen && (await getDevice(organizationId, chosen.id));
  return {
    site: { id: site.id, timezone: site.timezone },
    device: { id: device.id, name: device.name, kind: device.kind, externalId: device.externalId },
    choices,
    into: into ? { id: into.id, name: into.name } : null,
    pairs: pairs?.map(shownPair) ?? [],
  };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, user, site, device } = await requireDevice(request, params, "device.change");
  const form = await readForm(request);
  const into = (await mergeChoices(organizationId, device)).find(({ id }) => id === form.get("into"));
  if (!into) return data({ error: mergeFaultWords["not-found"] }, { status: 404 });
  const way = { isAnotherMeter: false, userId: user.id };
  const merged = await mergeDevices(organizationId, device.id, into.id, way);
  if (!merged.ok) return data({ error: mergeFaultWords[merged.fault] }, { status: 409 });
  throw redirect(`/sites/${site.id}/devices/${into.id}`);
}

export default function MergePage() {
  const { site, device, choices, into, pairs } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const formats = useFormats(site.timezone);
  const sitePath = `/sites/${site.id}`;
  return (
    <>
      <PageTitle>Merge {device.name}</PageTitle>
      <Card>
        <p className="mb-4 max-w-3xl text-slate-600 dark:text-slate-300">
          For one device that is here twice: after it got another name, or when two gateways speak for it. {device.name}{" "}
          goes into the other one, which keeps its name, its history and its settings.
        </p>
        {device.kind === "gateway" ? (
          <p>{mergeFaultWords.gateway}</p>
        ) : (
          <Choose
            label={`Merge ${device.name} into`}
            name="into"
            choices={choices}
            chosen={into?.id}
            none="There is no other device at this place."
          />
        )}
      </Card>
      {into && (
        <Confirm
          key={into.id}
          title={`${device.name} becomes a part of ${into.name}`}
          button={`Merge ${device.name} into ${into.name}`}
          values={{ into: into.id }}
          error={answer?.error}
          isPossible={!pairs.some(({ isClash }) => isClash)}
          backPath={`${sitePath}/devices/${device.id}`}
        >
          <PairList pairs={pairs} formats={formats} settingsPath={`${sitePath}/settings`} />
          <p className="text-slate-600 dark:text-slate-300">
            Where both have readings of the same time, those of {into.name} stay. What still arrives
            {device.externalId ? ` under the name ${device.externalId}` : " from it"} goes to {into.name}. Totals are
            computed anew within a minute.
          </p>
        </Confirm>
      )}
    </>
  );
}
