import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { PlugZap } from "lucide-react";
import { revokeCredential, rotateCredential } from "../../db/credentials.ts";
import { deviceRejects } from "../../db/device-messages.ts";
import { deleteDevice, deviceDataSize, updateDevice, type Device } from "../../db/devices.ts";
import { listSites } from "../../db/sites.ts";
import { may, type SitePermission } from "../../domain/access/permissions.ts";
import { isZone } from "../../domain/local-time/zone.ts";
import type { Environment } from "../../platform/env.ts";
import { newCredential } from "../auth/new-credential.server.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { carry } from "../auth/shown-once.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass, FormError, useFocusOnError } from "../components/form.tsx";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";
import { decoderValues, readDecoder, type DecoderErrors, type DecoderValues } from "../device-setup/decoder-config.ts";
import { Rejects } from "../device-setup/rejects.tsx";
import { CredentialActions, DecoderForm, DeleteDevice, DeviceForm } from "../device-setup/settings-cards.tsx";
import { OverTime } from "../merging/over-time.tsx";
import { zoneNames } from "../overview/site-values.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.device.name ?? "Device"}: settings · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, device, role } = await requireDevice(request, params);
  const [sites, size, rejects] = await Promise.all([
    listSites(organizationId),
    deviceDataSize(organizationId, device.id),
    deviceRejects(organizationId, device.id),
  ]);
  return {
    site,
    device,
    decoder: decoderValues(device.config),
    sites: sites.map(({ id, name }) => ({ id, name })),
    size,
    rejects,
    zones: zoneNames(),
    mayChange: may(role, "device.change"),
    mayRotate: may(role, "device.credential"),
    mayDelete: may(role, "device.delete"),
  };
}

interface Answer {
  /** What was done, as a sentence. */
  done?: string;
  error?: string;
  decoderErrors?: DecoderErrors;
  decoder?: DecoderValues;
}

interface Work {
  organizationId: string;
  device: Device;
  form: FormData;
  env: Environment;
}

const refuse = (answer: Answer) => data<Answer>(answer, { status: 400 });
const text = (form: FormData, name: string) => String(form.get(name) ?? "").trim();

/** What each button of the page does, and who may press it. */
const intents: Record<string, { permission: SitePermission; run: (work: Work) => Promise<unknown> }> = {
  change: { permission: "device.change", run: change },
  decoder: { permission: "device.change", run: changeDecoder },
  gateway: { permission: "device.change", run: makeGateway },
  rotate: { permission: "device.credential", run: rotate },
  revoke: { permission: "device.credential", run: revoke },
  delete: { permission: "device.delete", run: remove },
};

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { organizationId, device, role } = await requireDevice(request, params);
  const form = await readForm(request);
  const intent = intents[String(form.get("intent"))];
  if (!intent) throw new Response("Unknown intent", { status: 400 });
  if (!may(role, intent.permission)) throw new Response("Not allowed", { status: 403 });
  return (await intent.run({ organizationId, device, form, env: context.env })) as Answer;
}

async function change({ organizationId, device, form }: Work) {
  const name = text(form, "name");
  if (!name || name.length > 100) return refuse({ error: "Give it a name of at most 100 characters." });
  const siteId = form.has("siteId") ? text(form, "siteId") : device.siteId;
  const kind = form.has("kind") ? (form.get("kind") === "gateway" ? "gateway" : "device") : device.kind;
  const autoAccept = form.get("autoAccept") === "on";
  const isNew = form.has("hasAutoAccept") && autoAccept !== (device.config["autoAccept"] === true);
  const config = isNew ? { ...device.config, autoAccept } : undefined;
  const changed = await updateDevice(organizationId, device.id, { name, siteId, kind, config });
  if (!changed) return refuse({ error: "There is no such place to move it to." });
  if (siteId !== device.siteId) throw redirect(`/sites/${siteId}/devices/${device.id}/settings`);
  return { done: "Saved" };
}

async function changeDecoder({ organizationId, device, form }: Work) {
  const names = ["fullTopic", "device", "time", "timezone", "map"] as const;
  const decoder = Object.fromEntries(names.map((name) => [name, text(form, name)])) as unknown as DecoderValues;
  const read = readDecoder(decoder, device.config, isZone);
  if (!read.ok) return refuse({ decoder, decoderErrors: read.errors });
  await updateDevice(organizationId, device.id, { config: read.config });
  return { done: "Saved: it holds from the next message on" };
}

async function makeGateway({ organizationId, device }: Work) {
  await updateDevice(organizationId, device.id, { kind: "gateway" });
  return { done: "It is a gateway now" };
}

async function rotate({ organizationId, device, env }: Work) {
  const { shown, kept } = newCredential();
  const rotated = await rotateCredential(organizationId, device.id, kept);
  if (!rotated) return refuse({ error: "A gateway speaks for it: it has no credential of its own." });
  const path = `/sites/${device.siteId}/devices/${device.id}`;
  throw redirect(`${path}/setup`, { headers: { "set-cookie": carry(shown, path, env) } });
}

async function revoke({ organizationId, device }: Work) {
  await revokeCredential(organizationId, device.id);
  return { done: "Revoked: it is locked out" };
}

async function remove({ organizationId, device, form }: Work) {
  if (text(form, "confirm") !== device.name) return refuse({ error: `Type the name "${device.name}" to delete it.` });
  await deleteDevice(organizationId, device.id);
  throw redirect(`/sites/${device.siteId}/devices`);
}

export default function DeviceSettings() {
  const page = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  useFocusOnError(answer);
  const formats = useFormats(page.site.timezone);
  const { device, mayChange } = page;
  const devicePath = `/sites/${page.site.id}/devices/${device.id}`;
  return (
    <>
      <PageTitle
        aside={
          <div className="flex flex-wrap gap-2">
            {device.gatewayId === null && (
              <Link to={`${devicePath}/setup`} className={buttonClass("secondary")}>
                <PlugZap className="h-4 w-4" aria-hidden /> Set-up steps
              </Link>
            )}
            <Link to={devicePath} className={buttonClass("secondary")}>
              To the device
            </Link>
          </div>
        }
      >
        {device.name}
      </PageTitle>
      <FormError>{answer?.error}</FormError>
      <Toast shown={answer?.done && answer}>{answer?.done ?? ""}</Toast>
      <div className="mt-4 grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <div className="space-y-4">
          <DeviceForm device={device} sites={page.sites} mayChange={mayChange} />
          {device.gatewayId === null && (
            <DecoderForm
              values={answer?.decoder ?? page.decoder}
              errors={answer?.decoderErrors ?? {}}
              zones={page.zones}
              mayChange={mayChange}
            />
          )}
        </div>
        <div className="space-y-4">
          {mayChange && device.kind !== "gateway" && (
            <OverTime isSpokenFor={device.gatewayId !== null} path={devicePath} />
          )}
          <CredentialActions device={device} dateTime={formats.dateTime} mayRotate={page.mayRotate} />
          <Card>
            <CardTitle>Refused messages</CardTitle>
            <Rejects
              rejects={page.rejects}
              dateTime={formats.dateTime}
              kind={device.kind}
              settingsPath={mayChange ? `${devicePath}/settings` : undefined}
            />
          </Card>
          {page.mayDelete && <DeleteDevice device={device} size={page.size} dateTime={formats.dateTime} />}
        </div>
      </div>
    </>
  );
}
