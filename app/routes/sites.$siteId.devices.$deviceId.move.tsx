import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { listDevices, type Device } from "../../db/devices.ts";
import { previewMerge } from "../../db/merge.ts";
import { moveToGateway, previewMove } from "../../db/move.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Card, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Choose } from "../merging/choose.tsx";
import { Confirm } from "../merging/confirm.tsx";
import { moveFaultWords } from "../merging/fault-words.ts";
import { PairList, shownPair } from "../merging/pair-list.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Move ${data?.device.name ?? "a device"} · Energy Tracking` },
];

/** Gateways, of other places too: a device goes where its gateway is. */
async function otherGateways(organizationId: string, device: Device) {
  const devices = await listDevices(organizationId);
  return devices.filter(({ id, kind }) => kind === "gateway" && id !== device.gatewayId && id !== device.id);
}

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, device } = await requireDevice(request, params, "device.change");
  const gateways = await otherGateways(organizationId, device);
  const chosen = gateways.find(({ id }) => id === new URL(request.url).searchParams.get("to"));
  const preview = chosen ? await previewMove(organizationId, device.id, chosen.id) : null;
  const twinId = preview?.ok ? preview.move.twinId : null;
  const pairs = twinId ? await previewMerge(organizationId, twinId, device.id) : null;
  return {
    site: { id: site.id, timezone: site.timezone },
    device: { id: device.id, name: device.name, externalId: device.externalId },
    gateways: gateways.map(({ id, name }) => ({ id, name })),
    to: chosen ? { id: chosen.id, name: chosen.name, isElsewhere: chosen.siteId !== site.id } : null,
    fault: preview && !preview.ok ? moveFaultWords[preview.fault] : null,
    hasTwin: twinId !== null,
    pairs: pairs?.map(shownPair) ?? [],
  };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, user, device } = await requireDevice(request, params, "device.change");
  const form = await readForm(request);
  const gateway = (await otherGateways(organizationId, device)).find(({ id }) => id === form.get("to"));
  if (!gateway) return data({ error: moveFaultWords["not-found"] }, { status: 404 });
  const moved = await moveToGateway(organizationId, device.id, gateway.id, user.id);
  if (!moved.ok) return data({ error: moveFaultWords[moved.fault] }, { status: 409 });
  throw redirect(`/sites/${gateway.siteId}/devices/${device.id}`);
}

export default function MovePage() {
  const { site, device, gateways, to, fault, hasTwin, pairs } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const formats = useFormats(site.timezone);
  const sitePath = `/sites/${site.id}`;
  return (
    <>
      <PageTitle>Move {device.name} to another gateway</PageTitle>
      <Card>
        <p className="mb-4 max-w-3xl text-slate-600 dark:text-slate-300">
          Its history goes on: another gateway speaks for it from now on, under the name that its messages give it
          already.
        </p>
        <Choose
          label="To the gateway"
          name="to"
          choices={gateways}
          chosen={to?.id}
          none="There is no other gateway. Add one first."
        />
      </Card>
      {to && (
        <Confirm
          key={to.id}
          title={`${to.name} speaks for ${device.name}`}
          button={`Move ${device.name} to ${to.name}`}
          values={{ to: to.id }}
          error={answer?.error ?? fault ?? undefined}
          isPossible={fault === null && !pairs.some(({ isClash }) => isClash)}
          backPath={`${sitePath}/devices/${device.id}/settings`}
        >
          <p>
            What {to.name} says of <code className="text-sm">{device.externalId ?? "it"}</code> is {device.name} from
            now on. Its history, channels and settings stay as they are.
            {to.isElsewhere && " It moves to that gateway's place, and counts there."}
          </p>
          {hasTwin && (
            <>
              <p>
                {to.name} was heard to speak for <code className="text-sm">{device.externalId}</code> already. What came
                that way becomes a part of {device.name}; where both have readings of the same time, those of{" "}
                {device.name} stay:
              </p>
              <PairList pairs={pairs} formats={formats} settingsPath={`${sitePath}/settings`} />
            </>
          )}
        </Confirm>
      )}
    </>
  );
}
