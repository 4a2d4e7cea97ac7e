import { Form, useNavigation } from "@remix-run/react";
import type { RawRetention, RetentionPreview } from "../../db/raw-retention.ts";
import { shortestRetentionDays } from "../../domain/retention.ts";
import type { Formats } from "../charts/formats.ts";
import { Button, TextField } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";

interface StateProps {
  retention: RawRetention;
  /** When the choice takes effect; null: none was ever made. */
  holdsFromMs: number | null;
  nowMs: number;
  formats: Formats;
}

const whole = (n: number, formats: Formats) => formats.number(n, 0);
const dayAndYear = (ms: number, formats: Formats) => `${formats.day(ms)} ${formats.year(ms)}`;

/** What holds now, and what it has done. */
export function RetentionStateCard({ retention, holdsFromMs, nowMs, formats }: StateProps) {
  const { days, keptFromMs, removed, frozen } = retention;
  const isWaiting = days !== null && holdsFromMs !== null && holdsFromMs > nowMs;
  return (
    <Card>
      <CardTitle aside={<Badge>{days === null ? "for ever" : `${days} days`}</Badge>}>
        How long raw readings are kept
      </CardTitle>
      <div className="space-y-2 text-sm" data-testid="retention">
        {days === null && (
          <p>Every reading is kept as it came. Anything can be corrected and explained down to it, whenever.</p>
        )}
        {keptFromMs !== null && (
          <p>
            Readings of before {dayAndYear(keptFromMs, formats)} (UTC) are refused when they arrive, and removed by
            night. Energy, events and costs of then stay.
          </p>
        )}
        {isWaiting && (
          <p className="font-medium">
            Nothing is removed before {formats.dateTime(holdsFromMs)} UTC: until then the choice can be taken back.
          </p>
        )}
        {removed && (
          <p>
            Removed so far: {whole(removed.readings, formats)} readings from before{" "}
            {dayAndYear(removed.beforeMs, formats)}, last at {formats.dateTime(removed.atMs)} UTC.
            {removed.waitingChannels > 0 &&
              ` ${removed.waitingChannels} channels wait for the next night: late readings are being counted there.`}
          </p>
        )}
        {frozen && (
          <p data-testid="frozen-channels">
            {frozen.channels === 1 ? "1 channel is" : `${frozen.channels} channels are`} frozen, up to{" "}
            {dayAndYear(frozen.beforeMs, formats)}: what was computed of that time can be neither corrected nor computed
            anew, whatever is chosen now.
          </p>
        )}
      </div>
    </Card>
  );
}

interface ChoiceProps {
  retention: RawRetention;
  asked: string | null;
  error: string | null;
}

/** Another time: a shorter one is looked at first. */
export function RetentionChoice({ retention, asked, error }: ChoiceProps) {
  const isPending = useNavigation().state !== "idle";
  return (
    <Card>
      <CardTitle>Keep them for another time</CardTitle>
      <Form method="get" className="flex flex-wrap items-start gap-3" preventScrollReset>
        <div className="w-64 max-w-full">
          <TextField
            label="Days"
            name="days"
            inputMode="numeric"
            required
            defaultValue={asked ?? retention.days ?? ""}
            placeholder="400"
            error={error ?? undefined}
            hint={`At least ${shortestRetentionDays}, so that a month's bill can still be explained. A year and a month: 400.`}
          />
        </div>
        <div className="pt-6">
          <Button look="secondary" disabled={isPending}>
            Show what would be frozen
          </Button>
        </div>
      </Form>
      {retention.days !== null && (
        <Form method="post" className="mt-4 border-t border-slate-100 pt-4 dark:border-slate-800">
          <input type="hidden" name="days" value="ever" />
          <Button look="secondary" disabled={isPending}>
            Keep them for ever
          </Button>
          <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">What was removed does not come back.</p>
        </Form>
      )}
    </Card>
  );
}

interface PreviewProps {
  preview: RetentionPreview;
  days: number;
  /** Than what holds now: a longer time takes nothing away. */
  isShorter: boolean;
  formats: Formats;
}

/** What a choice would take away, and the button that makes it. */
export function RetentionPreviewCard({ preview, days, isShorter, formats }: PreviewProps) {
  const { keptFromMs, readings, channels, devices } = preview;
  const isPending = useNavigation().state !== "idle";
  return (
    <Card>
      <CardTitle>With {days} days</CardTitle>
      <div className="space-y-2 text-sm" data-testid="retention-preview">
        {readings === 0 ? (
          <p>Nothing is older than that: no reading would be removed now, and nothing frozen.</p>
        ) : (
          <p className="font-medium">
            Up to {whole(readings, formats)} readings of{" "}
            {channels === 1 ? "1 channel" : `${whole(channels, formats)} channels`} would be removed, and their time
            before {dayAndYear(keptFromMs, formats)} (UTC) frozen.
          </p>
        )}
        <ul className="list-disc space-y-1 pl-5 text-slate-700 dark:text-slate-200">
          <li>Energy, events, costs and charts of frozen time stay as they are.</li>
          <li>
            They can no longer be corrected, computed anew, moved into another channel, or explained by single readings.
          </li>
          <li>The unit and the quantity of a frozen channel cannot be changed any more.</li>
          <li>
            {isShorter
              ? "Nothing is removed within a day of the choice. After that, it does not come back."
              : "What was removed already does not come back."}
          </li>
        </ul>
        {devices.length > 0 && (
          <table className="w-full" data-testid="retention-devices">
            <thead className="text-left text-xs text-slate-600 dark:text-slate-300">
              <tr>
                <th className="py-1 font-medium">Device</th>
                <th className="py-1 pl-3 text-right font-medium">Channels</th>
                <th className="py-1 pl-3 text-right font-medium">Readings</th>
                <th className="hidden py-1 pl-3 text-right font-medium sm:table-cell">Since</th>
              </tr>
            </thead>
            <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
              {devices.map((device, i) => (
                <tr key={i}>
                  <td className="py-1.5">
                    {device.deviceName}
                    <span className="ml-2 text-slate-500 dark:text-slate-400">{device.siteName}</span>
                  </td>
                  <td className="py-1.5 pl-3 text-right tabular-nums">{device.channels}</td>
                  <td className="py-1.5 pl-3 text-right tabular-nums">{whole(device.readings, formats)}</td>
                  <td className="hidden py-1.5 pl-3 text-right tabular-nums sm:table-cell">
                    {dayAndYear(device.firstMs, formats)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <Form method="post" className="mt-4">
        <input type="hidden" name="days" value={days} />
        <Button disabled={isPending}>Keep raw readings for {days} days</Button>
      </Form>
    </Card>
  );
}
