import { data, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { createDevice } from "../../db/devices.ts";
import { newCredential } from "../auth/new-credential.server.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { Button, SelectField, TextField } from "../components/form.tsx";
import { Card, PageTitle } from "../components/frame.tsx";
import { addressesFor } from "../device-setup/addresses.server.ts";
import { CredentialAndTexts, WaitingForData } from "../device-setup/device-setup.tsx";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { site } = await requireSite(request, params["siteId"], "device.change");
  return { siteId: site.id };
}

/** Makes the device; its credential is in this answer alone. */
export async function action({ request, params, context }: ActionFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"], "device.change");
  const form = await request.formData();
  const name = String(form.get("name") ?? "").trim();
  const kind = form.get("kind") === "gateway" ? "gateway" : "device";
  if (!name || name.length > 100) return data({ error: "Give it a name of at most 100 characters.", name, made: null }, { status: 400 });
  const { shown, kept } = newCredential();
  const device = await createDevice(organizationId, { siteId: site.id, name, kind }, kept);
  if (!device) throw new Response("Not found", { status: 404 });
  return data({ error: null, name, made: { deviceId: device.id, credential: shown, addresses: addressesFor(request, context.env) } });
}

export default function NewDevice() {
  const { siteId } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const isBusy = useNavigation().state === "submitting";
  if (answer?.made) {
    const { deviceId, credential, addresses } = answer.made;
    return (
      <>
        <PageTitle>{answer.name}</PageTitle>
        <CredentialAndTexts credential={credential} deviceName={answer.name} addresses={addresses} />
        <WaitingForData siteId={siteId} deviceId={deviceId} />
      </>
    );
  }
  return (
    <>
      <PageTitle>Add a device</PageTitle>
      <Card className="max-w-xl">
        <Form method="post" className="space-y-4" noValidate>
          <TextField label="Name" name="name" required maxLength={100} placeholder="Washing machine" defaultValue={answer?.name} error={answer?.error ?? undefined} />
          <SelectField label="What it is" name="kind" hint="A gateway (Zigbee2MQTT, a data logger) speaks for many devices; each appears by itself when it is first heard.">
            <option value="device">A device that speaks for itself: meter, plug, inverter</option>
            <option value="gateway">A gateway that speaks for many</option>
          </SelectField>
          <Button disabled={isBusy}>{isBusy ? "Adding …" : "Add it"}</Button>
        </Form>
      </Card>
    </>
  );
}
