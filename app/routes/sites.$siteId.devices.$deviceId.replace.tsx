import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { continueChannel, mergeDevices } from "../../db/merge.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Choose } from "../merging/choose.tsx";
import { Confirm } from "../merging/confirm.tsx";
import { mergeFaultWords } from "../merging/fault-words.ts";
import { loadReplacement } from "../merging/load-replacement.server.ts";
import { PairList, shownPair } from "../merging/pair-list.tsx";
import { readRegisters } from "../merging/registers.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Replace ${data?.device.name ?? "a device"} · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, device } = await requireDevice(request, params, "device.change");
  const query = new URL(request.url).searchParams;
  const { devices, channels, replacing } = await loadReplacement(organizationId, device, query);
  return {
    site: { id: site.id, timezone: site.timezone },
    device: { id: device.id, name: device.name },
    devices,
    channels,
    chosen: { with: query.get("with") ?? undefined, channels: query.get("channels") ?? undefined },
    replacing: replacing && { by: replacing.by, name: replacing.name, pairs: replacing.pairs.map(shownPair) },
  };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, user, site, device } = await requireDevice(request, params, "device.change");
  const form = await readForm(request);
  const { replacing } = await loadReplacement(organizationId, device, form);
  if (!replacing) return data({ error: mergeFaultWords["not-found"] }, { status: 404 });
  const counters = replacing.pairs.flatMap(({ into }) => (into?.kind === "counter" ? [into.id] : []));
  const read = readRegisters(form, counters);
  if (!read.ok) return data({ error: read.error }, { status: 400 });
  const way = { isAnotherMeter: true, userId: user.id, registers: read.registers };
  const replaced =
    replacing.by === "device"
      ? await mergeDevices(organizationId, replacing.id, device.id, way)
      : await continueChannel(organizationId, replacing, way);
  if (!replaced.ok) return data({ error: mergeFaultWords[replaced.fault] }, { status: 409 });
  throw redirect(`/sites/${site.id}/devices/${device.id}`);
}

export default function ReplacePage() {
  const { site, device, devices, channels, chosen, replacing } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const formats = useFormats(site.timezone);
  const sitePath = `/sites/${site.id}`;
  return (
    <>
      <PageTitle>Replace the hardware of {device.name}</PageTitle>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <Card>
          <CardTitle>By a new device</CardTitle>
          <p className="mb-4 text-slate-600 dark:text-slate-300">
            {device.name} goes on with what the new hardware sends: one history, one line on every chart. Add the new
            device first, or let it appear in the inbox.
          </p>
          <Choose
            label="The new device"
            name="with"
            choices={devices}
            chosen={chosen.with}
            none="There is no other device at this place."
          />
        </Card>
        <Card>
          <CardTitle>Only one channel</CardTitle>
          <p className="mb-4 text-slate-600 dark:text-slate-300">
            Where only a part was exchanged, such as one meter of several: one channel goes on with another one that
            measures the same.
          </p>
          <Choose
            label="The channel and what continues it"
            name="channels"
            choices={channels}
            chosen={chosen.channels}
            none="No other channel at this place measures the same as one of its own."
          />
        </Card>
      </div>
      {replacing && (
        <Confirm
          key={chosen.with ?? chosen.channels}
          title={`${device.name} goes on with ${replacing.name}`}
          button={`Replace it by ${replacing.name}`}
          values={replacing.by === "device" ? { with: chosen.with! } : { channels: chosen.channels! }}
          error={answer?.error}
          isPossible={!replacing.pairs.some(({ isClash }) => isClash)}
          backPath={`${sitePath}/devices/${device.id}/settings`}
        >
          <p className="text-slate-600 dark:text-slate-300">
            A new register begins anew: the jump from the old one to it is not counted as energy. What was read of both
            when they were exchanged makes the total exact.
          </p>
          <PairList pairs={replacing.pairs} formats={formats} settingsPath={`${sitePath}/settings`} withRegisters />
          <p className="text-slate-600 dark:text-slate-300">
            {replacing.name} is gone as {replacing.by === "device" ? "a device" : "a channel"} of its own: what it sends
            goes on here. Where both have readings of the same time, the old ones stay. Totals are computed anew within
            a minute.
          </p>
        </Confirm>
      )}
    </>
  );
}
