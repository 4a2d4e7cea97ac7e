import { data, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { Form, Link, useActionData, useFetcher, useLoaderData } from "@remix-run/react";
import { Plus } from "lucide-react";
import { listChannels, updateChannel, type ChannelRow } from "../../db/channels.ts";
import { updateSite } from "../../db/sites.ts";
import { may } from "../../domain/access/permissions.ts";
import { roles } from "../../domain/channel.ts";
import { unitsFor } from "../../domain/units.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { Button, FormError, buttonClass } from "../components/form.tsx";
import { Badge, Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { SiteFields } from "../components/site-form.tsx";
import { readChannelChange } from "../device/channel-change.server.ts";
import { currencyCodes, readSite, zoneNames } from "../overview/site-values.server.ts";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const channels = await listChannels(organizationId, { siteId: site.id });
  const flows = channels.filter((c) => c.kind !== "state" && (c.role !== "none" || c.quantity === "energy" || c.quantity === "power" || c.quantity === "custom"));
  const shown = flows.map((c) => ({ ...c, units: c.unit === null ? [] : unitsFor(c.quantity) }));
  return {
    site,
    channels: shown,
    zones: zoneNames(),
    currencies: currencyCodes(),
    mayChange: may(role, "site.change"),
    mayCreate: may(role, "site.create"),
  };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const member = await requireSite(request, params["siteId"]);
  const form = await request.formData();
  if (form.get("intent") === "channel") {
    if (!may(member.role, "channel.change")) throw new Response("Not allowed", { status: 403 });
    const id = Number(form.get("channel"));
    const change = readChannelChange(form);
    if (!change.ok) return data({ saved: false, channel: id, error: change.error, values: null, errors: {} }, { status: 400 });
    const changed = await updateChannel(member.organizationId, id, change.patch);
    if (!changed) throw new Response("Not found", { status: 404 });
    return data({ saved: true, channel: id, error: null, values: null, errors: {} });
  }
  if (!may(member.role, "site.change")) throw new Response("Not allowed", { status: 403 });
  const { values, errors, site } = readSite(form);
  if (!site) return data({ saved: false, channel: null, error: null, values, errors }, { status: 400 });
  await updateSite(member.organizationId, member.site.id, site);
  return data({ saved: true, channel: null, error: null, values: null, errors: {} });
}

export default function SiteSettings() {
  const { site, channels, zones, currencies, mayChange, mayCreate } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const newSite = mayCreate && (
    <Link to="/sites/new" className={buttonClass("secondary")}>
      <Plus className="h-4 w-4" aria-hidden /> Another place
    </Link>
  );
  const values = answer?.values ?? { name: site.name, timezone: site.timezone, currency: site.currency, price: site.pricePerKwh ?? "" };
  return (
    <>
      <PageTitle aside={newSite}>Settings</PageTitle>
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-3">
        <Card className="self-start">
          <CardTitle aside={answer?.saved && answer.channel === null && <Saved />}>The place</CardTitle>
          <Form method="post" className="space-y-4" noValidate>
            <fieldset disabled={!mayChange} className="space-y-4">
              <SiteFields values={values} errors={answer?.errors ?? {}} zones={zones} currencies={currencies} />
              <Button>Save</Button>
            </fieldset>
          </Form>
        </Card>
        <Card className="xl:col-span-2">
          <CardTitle>What counts</CardTitle>
          <p className="-mt-2 mb-4 text-sm text-slate-600 dark:text-slate-300">
            Each flow counts once: with a grid meter, consumption is what it imports (and what the roof gives and keeps); without one, the sum of the
            consumers. Roles are guesses until you choose.
          </p>
          {channels.length === 0 && <p className="text-slate-600 dark:text-slate-300">No device has reported yet.</p>}
          <ul className="divide-y divide-slate-100 dark:divide-slate-800">
            {channels.map((channel) => (
              <ChannelLine key={channel.id} channel={channel} />
            ))}
          </ul>
        </Card>
      </div>
    </>
  );
}

function Saved() {
  return (
    <span role="status" className="text-sm text-emerald-700 dark:text-emerald-400">
      Saved
    </span>
  );
}

const small = "min-h-11 rounded-lg border-slate-300 bg-white py-1.5 text-sm dark:border-slate-700 dark:bg-slate-900";

const kindChoices: ChannelRow["kind"][] = ["gauge", "counter", "delta"];
const quantityChoices: ChannelRow["quantity"][] = ["power", "energy", "voltage", "current", "temperature", "volume", "custom"];

function ChannelLine({ channel }: { channel: ChannelRow & { units: string[] } }) {
  const fetcher = useFetcher<typeof action>();
  return (
    <li className="py-3">
      <fetcher.Form method="post" className="flex flex-wrap items-center gap-2" key={`${channel.role} ${channel.unit} ${channel.scale}`}>
        <input type="hidden" name="intent" value="channel" />
        <input type="hidden" name="channel" value={channel.id} />
        <span className="min-w-0 flex-1 basis-48">
          <span className="block truncate font-medium">
            {channel.deviceName} · {channel.name || channel.metric}
          </span>
          <span className="flex gap-1.5">
            {!channel.chosen && channel.role !== "none" && <Badge>guess</Badge>}
            {channel.unitAssumed && <Badge look="warn">{channel.unit} assumed</Badge>}
          </span>
        </span>
        <select name="role" aria-label="Role" defaultValue={channel.role} className={small}>
          {roles.map((role) => (
            <option key={role} value={role}>
              {role.replace("_", " ")}
            </option>
          ))}
        </select>
        <select name="quantity" aria-label="Quantity" defaultValue={channel.quantity} className={small}>
          {[...new Set([channel.quantity, ...quantityChoices])].map((quantity) => (
            <option key={quantity}>{quantity}</option>
          ))}
        </select>
        <select name="kind" aria-label="Kind" defaultValue={channel.kind} className={small}>
          {kindChoices.map((kind) => (
            <option key={kind}>{kind}</option>
          ))}
        </select>
        <input name="sourceUnit" aria-label="Unit of what it sends" defaultValue={sourceUnit(channel)} placeholder="unit" list={`units-${channel.id}`} className={`${small} w-24`} />
        <datalist id={`units-${channel.id}`}>
          {channel.units.map((unit) => (
            <option key={unit} value={unit} />
          ))}
        </datalist>
        <label className="flex min-h-11 items-center gap-2 text-sm">
          <input type="checkbox" name="isPrimary" defaultChecked={channel.isPrimary} className="rounded border-slate-400 text-emerald-700 focus:ring-emerald-500" />
          counts
        </label>
        <Button look="secondary" disabled={fetcher.state !== "idle"}>
          Save
        </Button>
        {fetcher.data?.saved && <Saved />}
      </fetcher.Form>
      <FormError>{fetcher.data?.error}</FormError>
    </li>
  );
}

/** The unit that the sender uses: the canonical one, unless what is stored is scaled to it. */
function sourceUnit({ unit, scale }: Pick<ChannelRow, "unit" | "scale">): string {
  if (unit === null) return "";
  const prefix = { 1: "", 1000: "k", 1000000: "M", 0.001: "m" }[scale] ?? "";
  if (unit === "kWh") return { 1: "kWh", 0.001: "Wh", 1000: "MWh" }[scale] ?? unit;
  return `${prefix}${unit}`;
}
