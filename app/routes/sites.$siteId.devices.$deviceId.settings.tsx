import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData } from "@remix-run/react";
import { revokeCredential, rotateCredential } from "../../db/credentials.ts";
import { deviceRejects } from "../../db/device-messages.ts";
import { deleteDevice, deviceDataSize, getDevice, updateDevice, type Device } from "../../db/devices.ts";
import { listSites } from "../../db/sites.ts";
import { may, type Permission } from "../../domain/access/permissions.ts";
import { newCredential } from "../auth/new-credential.server.ts";
import { requireSite, type Member } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Button, FormError, SelectField, TextField, buttonClass } from "../components/form.tsx";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { addressesFor } from "../device-setup/addresses.server.ts";
import { CredentialAndTexts, WaitingForData } from "../device-setup/device-setup.tsx";
import { Rejects } from "../device-setup/rejects.tsx";

async function requireDevice(request: Request, params: Record<string, string | undefined>): Promise<Member & { device: Device }> {
  const member = await requireSite(request, params["siteId"]);
  const device = await getDevice(member.organizationId, params["deviceId"] ?? "");
  if (!device || device.siteId !== member.site.id) throw new Response("Not found", { status: 404 });
  return { ...member, device };
}

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, device, role } = await requireDevice(request, params);
  const [sites, size, rejects] = await Promise.all([
    listSites(organizationId),
    deviceDataSize(organizationId, device.id),
    deviceRejects(organizationId, device.id),
  ]);
  return { site, device, sites: sites.map(({ id, name }) => ({ id, name })), size, rejects, mayDelete: may(role, "device.delete") };
}

const permissions: Record<string, Permission> = {
  change: "device.change",
  gateway: "device.change",
  rotate: "device.credential",
  revoke: "device.credential",
  delete: "device.delete",
};

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { organizationId, device, role } = await requireDevice(request, params);
  const form = await request.formData();
  const intent = String(form.get("intent"));
  const permission = permissions[intent];
  if (!permission) throw new Response("Unknown intent", { status: 400 });
  if (!may(role, permission)) throw new Response("Not allowed", { status: 403 });
  const answer = { error: null as string | null, saved: false, credential: null as null | ReturnType<typeof newCredential>["shown"], addresses: addressesFor(request, context.env) };
  switch (intent) {
    case "change": {
      const name = String(form.get("name") ?? "").trim();
      if (!name || name.length > 100) return data({ ...answer, error: "Give it a name of at most 100 characters." }, { status: 400 });
      const siteId = String(form.get("siteId"));
      const fullTopic = String(form.get("fullTopic") ?? "").trim();
      const { full_topic: _, ...config } = device.config;
      const kind = form.get("kind") === "gateway" ? "gateway" : "device";
      const changed = await updateDevice(organizationId, device.id, { name, siteId, kind, config: { ...config, ...(fullTopic && { full_topic: fullTopic }) } });
      if (!changed) return data({ ...answer, error: "There is no such place to move it to." }, { status: 400 });
      if (siteId !== device.siteId) throw redirect(`/sites/${siteId}/devices/${device.id}/settings`);
      return data({ ...answer, saved: true });
    }
    case "gateway":
      await updateDevice(organizationId, device.id, { kind: "gateway" });
      return data({ ...answer, saved: true });
    case "rotate": {
      const { shown, kept } = newCredential();
      if (!(await rotateCredential(organizationId, device.id, kept))) return data({ ...answer, error: "A gateway speaks for it: it has no credential of its own." }, { status: 400 });
      return data({ ...answer, credential: shown });
    }
    case "revoke":
      await revokeCredential(organizationId, device.id);
      return data({ ...answer, saved: true });
    default: {
      if (String(form.get("confirm")) !== device.name) return data({ ...answer, error: `Type the name "${device.name}" to delete it.` }, { status: 400 });
      await deleteDevice(organizationId, device.id);
      throw redirect(`/sites/${device.siteId}/devices`);
    }
  }
}

export default function DeviceSettings() {
  const { site, device, sites, size, rejects, mayDelete } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const formats = useFormats(site.timezone);
  return (
    <>
      <PageTitle
        aside={
          <Link to=".." relative="path" className={buttonClass("secondary")}>
            Back to the device
          </Link>
        }
      >
        {device.name}
      </PageTitle>
      <FormError>{answer?.error}</FormError>
      {answer?.credential && (
        <div className="mb-4">
          <CredentialAndTexts credential={answer.credential} deviceName={device.name} addresses={answer.addresses} />
          <WaitingForData siteId={site.id} deviceId={device.id} />
        </div>
      )}
      <div className="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-2">
        <Card>
          <CardTitle aside={answer?.saved && <span role="status" className="text-sm text-emerald-700 dark:text-emerald-400">Saved</span>}>The device</CardTitle>
          <Form method="post" className="space-y-4" noValidate>
            <input type="hidden" name="intent" value="change" />
            <TextField label="Name" name="name" required maxLength={100} defaultValue={device.name} />
            <SelectField label="Place" name="siteId" defaultValue={device.siteId} hint="Its history moves with it.">
              {sites.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </SelectField>
            <SelectField label="What it is" name="kind" defaultValue={device.kind}>
              <option value="device">A device that speaks for itself</option>
              <option value="gateway">A gateway that speaks for many</option>
            </SelectField>
            <TextField
              label="Tasmota FullTopic"
              name="fullTopic"
              placeholder="%prefix%/%topic%/"
              defaultValue={String(device.config["full_topic"] ?? "")}
              hint="Only where you changed it in the plug."
            />
            <Button>Save</Button>
          </Form>
        </Card>
        <div className="space-y-4">
          <CredentialCard device={device} dateTime={formats.dateTime} />
          <Card>
            <CardTitle>Refused messages</CardTitle>
            <Rejects rejects={rejects} dateTime={formats.dateTime} />
          </Card>
        </div>
      </div>
      {mayDelete && (
        <Card className="mt-4 border-rose-200 dark:border-rose-900">
          <CardTitle>Delete it</CardTitle>
          <p className="text-slate-600 dark:text-slate-300">
            This deletes {size.channels} channels with {size.readings.toLocaleString("en")} readings
            {size.firstMs !== null && ` since ${formats.dateTime(size.firstMs)}`} for good.
          </p>
          <Form method="post" className="mt-4 flex flex-wrap items-end gap-3" noValidate>
            <input type="hidden" name="intent" value="delete" />
            <div className="w-72">
              <TextField label={`Type "${device.name}" to confirm`} name="confirm" autoComplete="off" />
            </div>
            <Button look="danger" className="mb-1.5">
              Delete with all data
            </Button>
          </Form>
        </Card>
      )}
    </>
  );
}

function CredentialCard({ device, dateTime }: { device: { credential: { username: string; createdAt: Date; revokedAt: Date | null } | null }; dateTime: (ms: number) => string }) {
  const { credential } = device;
  return (
    <Card>
      <CardTitle>Its credential</CardTitle>
      {credential ? (
        <>
          <p className="text-sm text-slate-600 dark:text-slate-300">
            User name <code className="font-mono">{credential.username}</code>, made {dateTime(new Date(credential.createdAt).getTime())}
            {credential.revokedAt && `, revoked ${dateTime(new Date(credential.revokedAt).getTime())}: it is locked out`}.
          </p>
          <div className="mt-4 flex flex-wrap gap-3">
            <Form method="post">
              <input type="hidden" name="intent" value="rotate" />
              <Button look="secondary">Make a new one</Button>
            </Form>
            {!credential.revokedAt && (
              <Form method="post">
                <input type="hidden" name="intent" value="revoke" />
                <Button look="secondary">Revoke it</Button>
              </Form>
            )}
          </div>
          <p className="mt-3 text-sm text-slate-500 dark:text-slate-400">A new one ends the old one at once; the history stays.</p>
        </>
      ) : (
        <p className="text-slate-600 dark:text-slate-300">A gateway speaks for it: it has no credential of its own.</p>
      )}
    </Card>
  );
}
