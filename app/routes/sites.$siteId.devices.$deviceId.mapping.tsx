import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { deviceMessages } from "../../db/device-messages.ts";
import { saveMapping } from "../../db/mapping.ts";
import { may } from "../../domain/access/permissions.ts";
import { kinds } from "../../domain/channel.ts";
import { vocabularyMetrics } from "../../domain/device/vocabulary.ts";
import { conversions } from "../../domain/units.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { useLive } from "../charts/use-live.ts";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass, FormError, useFocusOnError } from "../components/form.tsx";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";
import { MappingForm } from "../device-setup/mapping-form.tsx";
import { isMapped, mappingLines, readMapping } from "../device-setup/mapping.server.ts";
import { MessageView } from "../device-setup/message-view.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.device.name ?? "Device"}: what its numbers are · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, device, role } = await requireDevice(request, params);
  const messages = await deviceMessages(organizationId, device.id);
  return {
    site,
    device: { id: device.id, name: device.name },
    newest: messages.find(isMapped) ?? messages[0] ?? null,
    knownFormat: messages.length > 0 && !messages.some(isMapped) ? messages[0]!.format : null,
    lines: mappingLines(messages, device.config),
    metrics: [...vocabularyMetrics],
    units: Object.keys(conversions),
    kinds,
    mayChange: may(role, "device.change"),
  };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, device } = await requireDevice(request, params, "device.change");
  const map = readMapping(await readForm(request));
  const saved = await saveMapping(organizationId, device.id, { ...device.config, map });
  if (!saved.ok) return data({ error: `That cannot be saved: ${saved.error}.`, done: null }, { status: 400 });
  const moved = saved.moved ? ` ${saved.moved} kept under their own names go along.` : "";
  return { error: null, done: `Saved: it holds from the next message on, and for what waited.${moved}` };
}

export default function DeviceMapping() {
  const { site, device, newest, knownFormat, lines, metrics, units, kinds, mayChange } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  useFocusOnError(answer);
  useLive({ siteId: site.id, revalidate: ["device"] });
  const formats = useFormats(site.timezone);
  return (
    <>
      <PageTitle
        aside={
          <Link to={`/sites/${site.id}/devices/${device.id}`} className={buttonClass("secondary")}>
            To the device
          </Link>
        }
      >
        What {device.name} sends
      </PageTitle>
      <FormError>{answer?.error}</FormError>
      <Toast shown={answer?.done && answer}>{answer?.done ?? ""}</Toast>
      <p className="max-w-prose text-slate-600 dark:text-slate-300">
        For payloads of your own making. Tick the numbers to take, and say what each is; the proposals come from their
        names, their size and from physics. What came before is read anew with it.
      </p>
      <Card className="mt-4">
        <CardTitle>Its newest message</CardTitle>
        {newest ? <MessageView message={newest} time={formats.dateTime} /> : <p>Nothing has come yet.</p>}
      </Card>
      {knownFormat !== null && (
        <p className="mt-4">
          Its messages are read as {knownFormat}, which says what its numbers are: nothing is to be mapped.
        </p>
      )}
      {lines.length > 0 && (
        <MappingForm key={lines.map(({ path }) => path).join()} {...{ lines, metrics, units, kinds, mayChange }} />
      )}
    </>
  );
}
