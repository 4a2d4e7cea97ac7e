import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { listDevices } from "../../db/devices.ts";
import { chunkBytes, importsOfSite, largestFile } from "../../db/imports.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { PageTitle } from "../components/frame.tsx";
import { ImportList } from "../import/import-list.tsx";
import { UploadForm } from "../import/upload-form.tsx";

export const meta: MetaFunction = () => [{ title: "Import history · Energy Tracking" }];

const mostShown = 50;

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"], "history.import");
  const [devices, imports] = await Promise.all([
    listDevices(organizationId, { siteId: site.id }),
    importsOfSite(organizationId, site.id, mostShown),
  ]);
  const wanted = new URL(request.url).searchParams.get("device");
  return {
    site,
    devices: devices.map(({ id, name }) => ({ id, name })),
    chosen: devices.find(({ id }) => id === wanted)?.id ?? devices[0]?.id ?? "",
    imports: imports.map(({ id, fileName, deviceName, state, stored, refused, createdAt }) => {
      return { id, fileName, deviceName, state, stored, refused, createdMs: createdAt.getTime() };
    }),
    chunkBytes,
    largestFile,
  };
}

export default function ImportHistory() {
  const { site, devices, chosen, imports, chunkBytes, largestFile } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  return (
    <>
      <PageTitle>Import history</PageTitle>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <UploadForm path={`/sites/${site.id}/import`} {...{ devices, chosen, chunkBytes, largestFile }} />
        <ImportList imports={imports} formats={formats} />
      </div>
    </>
  );
}
