import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, Link, useFetcher, useLoaderData, useSearchParams } from "@remix-run/react";
import { useRef } from "react";
import { updateDevice } from "../../db/devices.ts";
import type { Credential } from "../../domain/access/credential.ts";
import { may } from "../../domain/access/permissions.ts";
import { recordShown } from "../auth/new-credential.server.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { take } from "../auth/shown-once.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Button, buttonClass } from "../components/form.tsx";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { endpointsFor } from "../device-setup/addresses.server.ts";
import { CredentialCard, CredentialHidden } from "../device-setup/credential-card.tsx";
import { GuideChooser } from "../device-setup/guide-chooser.tsx";
import { GuideView } from "../device-setup/guide-view.tsx";
import { forgotten, type Guide } from "../device-setup/guide.ts";
import { guideOf, guides } from "../device-setup/guides.ts";
import { WaitingForData } from "../device-setup/waiting-for-data.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Set up ${data?.device.name ?? "a device"} · Energy Tracking` },
];

/** A credential that was just made comes along once; on a reload it is gone. */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { organizationId, site, device, role } = await requireDevice(request, params);
  const taken = take(request, `/sites/${site.id}/devices/${device.id}`, context.env);
  const headers: [string, string][] = [["cache-control", "no-store"]];
  if (taken) {
    headers.push(["set-cookie", taken.setCookie]);
    await recordShown(organizationId, device, taken.shown);
  }
  const page = {
    site,
    device,
    credential: taken?.shown ?? null,
    endpoints: endpointsFor(request, context.env, device.credential?.username ?? ""),
    mayChange: may(role, "device.change"),
    mayRotate: may(role, "device.credential") && device.gatewayId === null,
  };
  return data(page, { headers });
}

/** Takes over what a kind of hardware needs: gateway or not, and the settings of its decoder. */
export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, device } = await requireDevice(request, params, "device.change");
  const guide = guideOf((await readForm(request)).get("hardware"));
  if (!guide) throw new Response("Unknown hardware", { status: 400 });
  await updateDevice(organizationId, device.id, { kind: guide.kind, config: { ...device.config, ...guide.config } });
  return { ok: true };
}

export default function SetUpDevice() {
  const { site, device, credential, endpoints, mayChange, mayRotate } = useLoaderData<typeof loader>();
  const shown = useShownOnce(device.id, credential);
  const chosen = useChosenGuide(device);
  const formats = useFormats(site.timezone);
  const username = device.credential?.username ?? "USER";
  return (
    <>
      <PageTitle
        aside={
          <Link to={`/sites/${site.id}/devices/${device.id}`} className={buttonClass("secondary")}>
            To the device
          </Link>
        }
      >
        Set up {device.name}
      </PageTitle>
      {shown ? (
        <CredentialCard credential={shown} />
      ) : (
        <CredentialHidden
          username={device.credential?.username ?? null}
          action={mayRotate && <MakeNewCredential path={`/sites/${site.id}/devices/${device.id}/settings`} />}
        />
      )}
      <GuideChooser chosen={chosen} />
      <GuideView
        guide={chosen}
        values={{ ...endpoints, ...forgotten, username, ...shown, deviceName: device.name }}
        sitePath={`/sites/${site.id}`}
        aside={mayChange && <Fitting guide={chosen} device={device} />}
      />
      <WaitingForData siteId={site.id} deviceId={device.id} dateTime={formats.dateTime} mayChange={mayChange} />
    </>
  );
}

/** The credential stays on the open page, whatever is loaded anew behind it. */
function useShownOnce(deviceId: string, arrived: Credential | null): Credential | null {
  const kept = useRef({ deviceId, credential: arrived });
  if (arrived || kept.current.deviceId !== deviceId) kept.current = { deviceId, credential: arrived };
  return kept.current.credential;
}

function useChosenGuide(device: { kind: string }): Guide {
  const [search] = useSearchParams();
  const usual = guides.find((guide) => guide.kind === device.kind) ?? guides[0]!;
  return guideOf(search.get("with")) ?? usual;
}

/** Says so where the device is not yet what the chosen hardware needs, and mends it by a click. */
function Fitting({ guide, device }: { guide: Guide; device: { kind: string; config: Record<string, unknown> } }) {
  const fetcher = useFetcher();
  const hasConfig = Object.entries(guide.config ?? {}).every(([name, value]) => device.config[name] === value);
  if ((guide.kind === "device" || device.kind === "gateway") && hasConfig) return null;
  return (
    <fetcher.Form
      method="post"
      className="flex flex-wrap items-center gap-3 rounded-xl bg-slate-100 p-4 text-sm dark:bg-slate-800"
    >
      <input type="hidden" name="hardware" value={guide.id} />
      <p className="min-w-0 flex-1 basis-64">
        {guide.name} speaks for many devices, and here it is set up as{" "}
        {device.kind === "gateway" ? "another kind of gateway" : "one device"}.
      </p>
      <Button look="secondary" disabled={fetcher.state !== "idle"}>
        Make it fit {guide.name}
      </Button>
    </fetcher.Form>
  );
}

function MakeNewCredential({ path }: { path: string }) {
  return (
    <Form method="post" action={path}>
      <input type="hidden" name="intent" value="rotate" />
      <Button look="secondary">Make a new one</Button>
    </Form>
  );
}
