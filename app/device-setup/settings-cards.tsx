import { Form, Link, useNavigation } from "@remix-run/react";
import { ChevronRight, KeyRound, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import type { DataSize, Device } from "../../db/devices.ts";
import { Dialog } from "../components/dialog.tsx";
import { Button, SelectField, TextAreaField, TextField } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import type { DecoderErrors, DecoderValues } from "./decoder-config.ts";

type Shown = Pick<Device, "name" | "kind" | "siteId" | "gatewayId" | "credential" | "externalId"> & {
  config: Record<string, unknown>;
};
type DateTime = (ms: number) => string;

/** Whether a form of this page with this intent is on its way. */
function usePending(intent: string): boolean {
  const { state, formData } = useNavigation();
  return state !== "idle" && formData?.get("intent") === intent;
}

interface DeviceFormProps {
  device: Shown;
  sites: { id: string; name: string }[];
  mayChange: boolean;
}

export function DeviceForm({ device, sites, mayChange }: DeviceFormProps) {
  const isPending = usePending("change");
  return (
    <Card>
      <CardTitle>The device</CardTitle>
      <Form method="post" noValidate>
        <fieldset disabled={!mayChange} className="space-y-4">
          <input type="hidden" name="intent" value="change" />
          <TextField
            label="Name"
            name="name"
            required
            maxLength={100}
            defaultValue={device.name}
            hint={device.externalId ? `Its messages call it ${device.externalId}.` : undefined}
          />
          {device.gatewayId === null && (
            <>
              <SelectField label="Place" name="siteId" defaultValue={device.siteId} hint="Its history moves with it.">
                {sites.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </SelectField>
              <SelectField label="What it is" name="kind" key={device.kind} defaultValue={device.kind}>
                <option value="device">A device that speaks for itself</option>
                <option value="gateway">A gateway that speaks for many</option>
              </SelectField>
            </>
          )}
          {device.kind === "gateway" && <AutoAccept isOn={device.config["autoAccept"] === true} />}
          {mayChange && <Button disabled={isPending}>{isPending ? "Saving …" : "Save"}</Button>}
        </fieldset>
      </Form>
    </Card>
  );
}

function AutoAccept({ isOn }: { isOn: boolean }) {
  const hint = useId();
  return (
    <div>
      <input type="hidden" name="hasAutoAccept" value="1" />
      <label className="flex min-h-11 items-center gap-3 text-sm font-medium">
        <input
          type="checkbox"
          name="autoAccept"
          defaultChecked={isOn}
          aria-describedby={hint}
          className="h-5 w-5 rounded border-slate-400 text-emerald-700 focus:ring-emerald-500 dark:border-slate-500 dark:bg-slate-900"
        />
        Accept new devices by themselves
      </label>
      <p id={hint} className="text-sm text-slate-600 dark:text-slate-400">
        What it speaks for counts at this place at once, instead of waiting in the inbox.
      </p>
    </div>
  );
}

interface DecoderFormProps {
  values: DecoderValues;
  errors: DecoderErrors;
  zones: string[];
  mayChange: boolean;
}

/** What its messages do not say themselves. Closed unless something is set or wrong. */
export function DecoderForm({ values, errors, zones, mayChange }: DecoderFormProps) {
  const isPending = usePending("decoder");
  const isOpen = Object.values(values).some(Boolean) || Object.keys(errors).length > 0;
  return (
    <Card>
      <details open={isOpen} className="group">
        <summary className="flex min-h-11 cursor-pointer list-none items-center gap-2 text-base font-semibold [&::-webkit-details-marker]:hidden">
          <ChevronRight
            className="h-5 w-5 text-slate-500 transition-transform group-open:rotate-90 dark:text-slate-400"
            aria-hidden
          />
          How to read its messages
        </summary>
        <p className="mb-4 text-sm text-slate-600 dark:text-slate-300">
          Needed only where a device sends in a form of its own. It holds from the next message on.
        </p>
        <Form method="post" noValidate>
          <fieldset disabled={!mayChange} className="space-y-4">
            <input type="hidden" name="intent" value="decoder" />
            <TextField
              label="Tasmota FullTopic"
              name="fullTopic"
              placeholder="%prefix%/%topic%/"
              defaultValue={values.fullTopic}
              error={errors.fullTopic}
              hint="Where it was changed in the plug."
            />
            <SelectField
              label="Time zone of its clock"
              name="timezone"
              defaultValue={values.timezone}
              error={errors.timezone}
              hint="For times without a zone, which Tasmota (Time), Zigbee2MQTT (last_seen) and JSON of your own may send. Other formats say their zone."
            >
              <option value="">Use the time of arrival</option>
              {(zones.includes(values.timezone) || !values.timezone ? zones : [values.timezone, ...zones]).map(
                (name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ),
              )}
            </SelectField>
            <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
              <TextField
                label="JSON: device is at"
                name="device"
                placeholder="meta.id"
                defaultValue={values.device}
                error={errors.device}
              />
              <TextField
                label="JSON: time is at"
                name="time"
                placeholder="timestamp"
                defaultValue={values.time}
                error={errors.time}
              />
            </div>
            <TextAreaField
              label="JSON: values to take"
              name="map"
              rows={4}
              spellCheck={false}
              placeholder={"meter.total = energy.import:Wh:counter\np.v = power:kW"}
              defaultValue={values.map}
              error={errors.map}
              hint="A line each: path = metric:unit. Empty: every number is taken."
            />
            <p className="text-sm">
              <Link
                to="../mapping"
                relative="path"
                className="font-medium text-emerald-700 underline dark:text-emerald-300"
              >
                Choose them from its newest message
              </Link>
            </p>
            {mayChange && <Button disabled={isPending}>{isPending ? "Saving …" : "Save"}</Button>}
          </fieldset>
        </Form>
      </details>
    </Card>
  );
}

interface CredentialActionsProps {
  device: Shown;
  dateTime: DateTime;
  mayRotate: boolean;
}

export function CredentialActions({ device: { credential, gatewayId }, dateTime, mayRotate }: CredentialActionsProps) {
  const [asked, ask] = useState<"rotate" | "revoke" | null>(null);
  const isRevoked = credential?.revokedAt != null;
  return (
    <Card>
      <CardTitle
        aside={credential && <Badge look={isRevoked ? "bad" : "good"}>{isRevoked ? "Revoked" : "Valid"}</Badge>}
      >
        Its credential
      </CardTitle>
      {gatewayId !== null && <p>A gateway speaks for it: it has no credential of its own.</p>}
      {credential && (
        <p className="text-slate-600 dark:text-slate-300">
          User name <code className="font-mono text-slate-900 dark:text-slate-100">{credential.username}</code>, made{" "}
          {dateTime(new Date(credential.createdAt).getTime())}
          {credential.revokedAt && `, revoked ${dateTime(new Date(credential.revokedAt).getTime())}`}.
        </p>
      )}
      {mayRotate && gatewayId === null && (
        <div className="mt-4 flex flex-wrap gap-2">
          <Button type="button" look="secondary" onClick={() => ask("rotate")}>
            <KeyRound className="h-4 w-4" aria-hidden /> Make a new one
          </Button>
          {credential && !isRevoked && (
            <Button type="button" look="secondary" onClick={() => ask("revoke")}>
              Revoke it
            </Button>
          )}
        </div>
      )}
      <Confirm
        intent="rotate"
        title="Make a new credential?"
        open={asked === "rotate"}
        onClose={() => ask(null)}
        button="Make a new one"
      >
        The old one ends at once: a connected device is cut off, and sends again when it has the new one. Its history,
        its channels and their settings stay as they are.
      </Confirm>
      <Confirm
        intent="revoke"
        title="Revoke its credential?"
        open={asked === "revoke"}
        onClose={() => ask(null)}
        button="Revoke it"
        isDanger
      >
        It is cut off at once and locked out until you make a new credential. Its history stays.
      </Confirm>
    </Card>
  );
}

interface ConfirmProps {
  intent: string;
  title: string;
  open: boolean;
  onClose: () => void;
  button: string;
  isDanger?: boolean;
  children: string;
}

function Confirm({ intent, title, open, onClose, button, isDanger = false, children }: ConfirmProps) {
  return (
    <Dialog title={title} open={open} onClose={onClose}>
      <p className="text-slate-600 dark:text-slate-300">{children}</p>
      <Form method="post" onSubmit={onClose} className="mt-6 flex flex-wrap justify-end gap-2">
        <input type="hidden" name="intent" value={intent} />
        <Button type="button" look="secondary" onClick={onClose}>
          Leave it
        </Button>
        <Button look={isDanger ? "danger" : "primary"}>{button}</Button>
      </Form>
    </Dialog>
  );
}

interface DeleteProps {
  device: Shown;
  size: DataSize;
  dateTime: DateTime;
}

/** Says how much would go, and asks for the name. */
export function DeleteDevice({ device, size, dateTime }: DeleteProps) {
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const amount = amountOf(size, dateTime);
  return (
    <Card className="border-rose-200 dark:border-rose-900">
      <CardTitle>Delete it</CardTitle>
      <p className="text-slate-600 dark:text-slate-300">
        It has {amount}. To stop it but keep its history, revoke its credential instead.
      </p>
      <Button type="button" look="danger" className="mt-4" onClick={() => setOpen(true)}>
        <Trash2 className="h-4 w-4" aria-hidden /> Delete …
      </Button>
      <Dialog title={`Delete ${device.name}?`} open={isOpen} onClose={() => setOpen(false)}>
        <p className="text-slate-600 dark:text-slate-300">
          This deletes {device.kind === "gateway" ? "the gateway and all that it speaks for" : "the device"} with{" "}
          <strong className="font-semibold text-slate-900 dark:text-slate-100">{amount}</strong>, for good. Totals of
          the place lose what it measured.
        </p>
        <Form method="post" noValidate className="mt-5 space-y-5" onSubmit={() => setOpen(false)}>
          <input type="hidden" name="intent" value="delete" />
          <TextField
            label={`Type "${device.name}" to confirm`}
            name="confirm"
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <div className="flex flex-wrap justify-end gap-2">
            <Button type="button" look="secondary" onClick={() => setOpen(false)}>
              Keep it
            </Button>
            <Button look="danger" disabled={typed.trim() !== device.name}>
              Delete with all data
            </Button>
          </div>
        </Form>
      </Dialog>
    </Card>
  );
}

function amountOf({ channels, readings, firstMs }: DataSize, dateTime: DateTime): string {
  if (!channels) return "no data yet";
  const count = (n: number, one: string, many: string) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
  const since = firstMs === null ? "" : ` since ${dateTime(firstMs)}`;
  return `${count(channels, "channel", "channels")} with ${count(readings, "reading", "readings")}${since}`;
}
