import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { FileText, FileUp } from "lucide-react";
import { getChannel, listChannels, updateChannel, type ChannelPatch } from "../../db/channels.ts";
import { updateSite } from "../../db/sites.ts";
import { correctChannel, type CorrectionFault } from "../../domain/channel-correction.ts";
import { may } from "../../domain/access/permissions.ts";
import { unitsFor } from "../../domain/units.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Button, buttonClass, useFocusOnError } from "../components/form.tsx";
import { Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { SiteFields, type SiteErrors, type SiteValues } from "../components/site-form.tsx";
import { Toast } from "../components/toast.tsx";
import { previewMeaning } from "../corrections/preview.server.ts";
import { currencyCodes, readSite, zoneNames } from "../overview/site-values.server.ts";
import type { ChannelAnswer } from "../site-settings/channel-editor.tsx";
import { frozenFault, meaningOf } from "../site-settings/channel-meaning.server.ts";
import type { ChannelErrors } from "../site-settings/listed-channel.ts";
import { ChannelList } from "../site-settings/channel-list.tsx";
import { previewZone, type ZonePreview } from "../site-settings/preview-zone.server.ts";
import { ZonePreviewView } from "../site-settings/zone-preview-view.tsx";
import { readCorrection } from "../site-settings/read-correction.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: settings · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const channels = await listChannels(organizationId, { siteId: site.id });
  return {
    site,
    channels: channels.filter((c) => c.kind !== "state").map((c) => ({ ...c, units: unitsFor(c.quantity) })),
    zones: zoneNames(),
    currencies: currencyCodes(),
    mayChange: may(role, "site.change"),
    mayChangeChannels: may(role, "channel.change"),
    mayImport: may(role, "history.import"),
  };
}

interface Answer {
  saved: boolean;
  /** What another zone would change: nothing is saved yet. */
  zone?: ZonePreview;
  values?: SiteValues;
  errors?: SiteErrors;
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const form = await readForm(request);
  if (form.get("intent") === "channel") {
    if (!may(role, "channel.change")) throw new Response("Not allowed", { status: 403 });
    return changeChannel(organizationId, site.id, form);
  }
  if (!may(role, "site.change")) throw new Response("Not allowed", { status: 403 });
  const { values, errors, site: changed } = readSite(form);
  if (!changed) return data<Answer>({ saved: false, values, errors }, { status: 400 });
  if (form.get("look") && changed.timezone !== site.timezone) {
    const zone = await previewZone(organizationId, site, changed.timezone, Date.now());
    return data<Answer>({ saved: false, values, zone });
  }
  await updateSite(organizationId, site.id, changed);
  return data<Answer>({ saved: true });
}

async function changeChannel(organizationId: string, siteId: string, form: FormData) {
  const channel = await getChannel(organizationId, Number(form.get("channel")));
  if (!channel || channel.siteId !== siteId) throw new Response("Not found", { status: 404 });
  const read = readCorrection(form, channel);
  if (!read.ok) return data<ChannelAnswer>({ saved: false, errors: read.errors }, { status: 400 });
  const corrected = correctChannel(channel, read.correction);
  if (!corrected.ok) return data<ChannelAnswer>({ saved: false, errors: sentences(corrected.faults) }, { status: 400 });
  const changes = corrected.changes as ChannelPatch;
  const frozen = frozenFault(channel, changes);
  if (frozen?.effect === "refused") return data<ChannelAnswer>({ saved: false, errors: sentences([{ field: "unit", message: frozen.message }]) }, { status: 400 }); // prettier-ignore
  const meaning = meaningOf(channel, changes);
  // What is frozen stays: nobody saves that unseen.
  if (meaning && (form.get("look") || (frozen && !form.get("acceptFrozen")))) {
    const preview = await previewMeaning(organizationId, channel.id, meaning, Date.now());
    if (preview && (frozen || preview.buckets > 0)) return data<ChannelAnswer>({ saved: false, preview });
  }
  await updateChannel(organizationId, channel.id, changes);
  return data<ChannelAnswer>({ saved: true });
}

/** The first of each field. */
function sentences(faults: readonly CorrectionFault[]): ChannelErrors {
  const errors: ChannelErrors = {};
  for (const { field, message } of faults) errors[field] ??= `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return errors;
}

export default function SiteSettings() {
  const { site, channels, zones, currencies, mayChange, mayChangeChannels, ...mayOpen } =
    useLoaderData<typeof loader>();
  const answer = useActionData<Answer>();
  const formats = useFormats(site.timezone);
  const isPending = useNavigation().formAction?.endsWith("/settings") ?? false;
  useFocusOnError(answer);
  const { name, timezone, currency, pricePerKwh, co2GPerKwh } = site;
  const links = (
    <div className="flex flex-wrap gap-2">
      <Link to={`/sites/${site.id}/contracts`} className={buttonClass("secondary")}>
        <FileText className="h-4 w-4" aria-hidden /> Contracts
      </Link>
      {mayOpen.mayImport && (
        <Link to={`/sites/${site.id}/import`} className={buttonClass("secondary")}>
          <FileUp className="h-4 w-4" aria-hidden /> Import history
        </Link>
      )}
    </div>
  );
  return (
    <>
      <PageTitle aside={links}>Settings</PageTitle>
      <Toast shown={answer?.saved && answer}>Saved</Toast>
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-3">
        <Card>
          <CardTitle>The place</CardTitle>
          <Form method="post" noValidate>
            <fieldset disabled={!mayChange} className="space-y-4">
              <SiteFields
                values={answer?.values ?? { name, timezone, currency, price: pricePerKwh ?? "", co2: co2GPerKwh ?? "" }}
                errors={answer?.errors ?? {}}
                zones={zones}
                currencies={currencies}
                hasCo2
              />
              {answer?.zone ? (
                <ZonePreviewView preview={answer.zone} currency={currency} formats={formats} />
              ) : (
                <input type="hidden" name="look" value="first" />
              )}
              {mayChange && (
                <Button disabled={isPending}>{isPending ? "Saving …" : answer?.zone ? "Save it so" : "Save"}</Button>
              )}
            </fieldset>
          </Form>
        </Card>
        <div className="xl:col-span-2">
          <ChannelList channels={channels} formats={formats} mayChange={mayChangeChannels} />
        </div>
      </div>
    </>
  );
}
