import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, useActionData, useNavigation } from "@remix-run/react";
import { useState } from "react";
import { createDevice } from "../../db/devices.ts";
import { QuotaExceeded } from "../../db/quota-exceeded.ts";
import { newCredential } from "../auth/new-credential.server.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { carry } from "../auth/shown-once.server.ts";
import { Button, SelectField, TextField, useFocusOnError } from "../components/form.tsx";
import { Card, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { families, guideOf } from "../device-setup/guides.ts";

export const meta: MetaFunction = () => [{ title: "Add a device · Energy Tracking" }];

export async function loader({ request, params }: LoaderFunctionArgs) {
  await requireSite(request, params["siteId"], "device.change");
  return null;
}

/** Makes the device; its credential travels to the set-up page and is shown there once. */
export async function action({ request, params, context }: ActionFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"], "device.change");
  const form = await readForm(request);
  const name = String(form.get("name") ?? "").trim();
  const kind = form.get("kind") === "gateway" ? "gateway" : "device";
  const guide = guideOf(form.get("hardware"));
  if (!name || name.length > 100) {
    const error = "Give it a name of at most 100 characters, such as Washing machine.";
    return data({ error, name, kind, hardware: guide?.id ?? "" }, { status: 400 });
  }
  const { shown, kept } = newCredential();
  const config = (guide?.kind === kind && guide.config) || {};
  const given = { siteId: site.id, name, kind, config } as const;
  const device = await createDevice(organizationId, given, kept).catch((error: unknown) => {
    if (error instanceof QuotaExceeded) return error;
    throw error;
  });
  if (device instanceof QuotaExceeded)
    return data({ error: device.message, name, kind, hardware: guide?.id ?? "" }, { status: 409 });
  if (!device) throw new Response("Not found", { status: 404 });
  const path = `/sites/${site.id}/devices/${device.id}`;
  throw redirect(`${path}/setup${guide ? `?with=${guide.id}` : ""}`, {
    headers: { "set-cookie": carry(shown, path, context.env) },
  });
}

export default function NewDevice() {
  const answer = useActionData<typeof action>();
  useFocusOnError(answer);
  const [hardware, setHardware] = useState(answer?.hardware ?? "");
  const [kind, setKind] = useState(answer?.kind ?? "device");
  const isBusy = useNavigation().state !== "idle";
  const choose = (id: string) => {
    setHardware(id);
    setKind(guideOf(id)?.kind ?? "device");
  };
  return (
    <>
      <PageTitle>Add a device</PageTitle>
      <Form method="post" className="max-w-3xl" noValidate>
        <Card className="space-y-6">
          <TextField
            label="Name"
            name="name"
            required
            maxLength={100}
            placeholder="Washing machine"
            autoComplete="off"
            defaultValue={answer?.name}
            error={answer?.error}
          />
          <Hardware chosen={hardware} onChoose={choose} />
          <SelectField
            label="What it is"
            name="kind"
            value={kind}
            onChange={(event) => setKind(event.target.value as typeof kind)}
            hint="Behind a gateway, each device appears by itself when it is first heard."
          >
            <option value="device">A device that speaks for itself: meter, plug, inverter</option>
            <option value="gateway">A gateway that speaks for many</option>
          </SelectField>
          <Button disabled={isBusy} className="w-full sm:w-auto">
            {isBusy ? "Adding …" : "Add it"}
          </Button>
        </Card>
      </Form>
    </>
  );
}

function Hardware({ chosen, onChoose }: { chosen: string; onChoose: (id: string) => void }) {
  return (
    <SelectField
      label="How it is connected"
      name="hardware"
      value={chosen}
      onChange={(event) => onChoose(event.target.value)}
      hint={guideOf(chosen)?.about ?? "The next page has a guide for each, with a search field."}
    >
      <option value="">Choose later</option>
      {families.map(({ name, guides }) => (
        <optgroup key={name} label={name}>
          {guides.map((guide) => (
            <option key={guide.id} value={guide.id}>
              {guide.name}
            </option>
          ))}
        </optgroup>
      ))}
    </SelectField>
  );
}
