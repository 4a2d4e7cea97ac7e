import { useFetcher } from "@remix-run/react";
import { Link } from "@remix-run/react";
import { useEffect, useState } from "react";
import type { Credential } from "../../domain/access/credential.ts";
import type { DeviceMessage } from "../../db/device-messages.ts";
import { buttonClass } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { CopyButton } from "../components/copy-button.tsx";
import { setupTexts, type SetupValues } from "./texts.ts";

/** The credential, shown this once, and what to paste where. */
export function CredentialAndTexts({ credential, deviceName, addresses }: { credential: Credential; deviceName: string; addresses: Omit<SetupValues, "deviceName" | keyof Credential> }) {
  const texts = setupTexts({ deviceName, ...credential, ...addresses });
  const [chosen, setChosen] = useState("curl");
  const shown = texts.find((text) => text.name === chosen) ?? texts[0]!;
  return (
    <>
      <Card>
        <CardTitle aside={<Badge look="warn">Shown only now</Badge>}>Its credential</CardTitle>
        <dl className="divide-y divide-slate-100 dark:divide-slate-800">
          {(
            [
              ["User name", credential.username],
              ["Password", credential.password],
              ["Token", credential.token],
            ] as const
          ).map(([name, value]) => (
            <div key={name} className="flex items-center gap-3 py-1.5">
              <dt className="w-24 shrink-0 text-sm text-slate-500 dark:text-slate-400">{name}</dt>
              <dd className="min-w-0 flex-1 truncate font-mono text-sm" data-testid={`credential-${name.toLowerCase().replace(" ", "-")}`}>
                {value}
              </dd>
              <CopyButton text={value} label={name} />
            </div>
          ))}
        </dl>
        <p className="mt-3 text-sm text-slate-500 dark:text-slate-400">
          Only a fingerprint is kept. If you lose it, make a new one on the device's page; the history stays.
        </p>
      </Card>
      <Card className="mt-4">
        <CardTitle>Connect it</CardTitle>
        <div role="tablist" aria-label="Kind of device" className="-mx-1 flex flex-wrap gap-1">
          {texts.map(({ name }) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={name === shown.name}
              onClick={() => setChosen(name)}
              className={`min-h-11 rounded-lg px-3 text-sm font-medium ${name === shown.name ? "bg-slate-900 text-white dark:bg-slate-100 dark:text-slate-900" : "text-slate-600 hover:bg-slate-100 dark:text-slate-300 dark:hover:bg-slate-800"}`}
            >
              {name}
            </button>
          ))}
        </div>
        <div role="tabpanel" className="mt-4">
          <div className="flex items-center justify-between gap-2">
            <p className="text-sm text-slate-600 dark:text-slate-300">Paste into {shown.where}:</p>
            <CopyButton text={shown.text} label={shown.name} />
          </div>
          <pre tabIndex={0} className="mt-1 overflow-x-auto rounded-lg bg-slate-900 p-4 text-sm leading-relaxed text-slate-100 dark:bg-slate-950">
            {shown.text}
          </pre>
          {shown.note && <p className="mt-2 text-sm text-slate-500 dark:text-slate-400">{shown.note}</p>}
        </div>
      </Card>
    </>
  );
}

interface Arrivals {
  messages: DeviceMessage[];
}

/** Waits for the first message and shows it as it arrives: what came, what was understood of it, and what was not. */
export function WaitingForData({ siteId, deviceId }: { siteId: string; deviceId: string }) {
  const { load, data } = useFetcher<Arrivals>();
  useEffect(() => {
    const path = `/sites/${siteId}/devices/${deviceId}/arrivals`;
    load(path);
    const source = new EventSource(`/sites/${siteId}/live`);
    source.addEventListener("device", (event) => {
      if (JSON.parse((event as MessageEvent<string>).data).id === deviceId) load(path);
    });
    // Should the event stream not get through a proxy, the page still finds out.
    const timer = setInterval(() => load(path), 3_000);
    return () => {
      clearInterval(timer);
      source.close();
    };
  }, [siteId, deviceId, load]);
  const newest = data?.messages[0];
  return (
    <Card className="mt-4">
      <CardTitle aside={newest && <Badge look={newest.refusals.length ? "warn" : "good"}>{newest.refusals.length ? "Partly understood" : "Understood"}</Badge>}>
        {newest ? "Its newest message" : "Waiting for its first message …"}
      </CardTitle>
      {newest ? (
        <>
          <MessageView message={newest} />
          <Link to={`/sites/${siteId}/devices/${deviceId}`} className={`${buttonClass()} mt-4`}>
            Open the device
          </Link>
        </>
      ) : (
        <div className="flex items-center gap-3 text-slate-600 dark:text-slate-300">
          <span className="relative flex h-3 w-3">
            <span className="absolute inline-flex h-full w-full animate-ping rounded-full bg-emerald-400 opacity-75" />
            <span className="relative inline-flex h-3 w-3 rounded-full bg-emerald-600" />
          </span>
          It appears here by itself, seconds after it is sent.
        </div>
      )}
    </Card>
  );
}

export function MessageView({ message: { address, transport, payload, readings, refusals, format } }: { message: DeviceMessage }) {
  return (
    <div className="space-y-3" data-testid="message">
      <p className="break-all text-sm text-slate-600 dark:text-slate-300">
        {transport === "mqtt" ? "MQTT" : "HTTP"} <code className="font-mono">{address}</code>
        {format && <> · read as {format}</>}
      </p>
      <pre tabIndex={0} className="max-h-40 overflow-auto whitespace-pre-wrap break-all rounded-lg bg-slate-100 p-3 text-xs dark:bg-slate-950">
        {payload || "(empty)"}
      </pre>
      {readings.length > 0 && (
        <div className="overflow-x-auto">
          <table className="w-full text-left text-sm">
            <thead className="text-slate-500 dark:text-slate-400">
              <tr>
                <th className="py-1 pr-4 font-medium">Understood</th>
                <th className="py-1 pr-4 text-right font-medium">Value</th>
                <th className="py-1 pr-4 font-medium">Unit</th>
                <th className="py-1 font-medium">Kind</th>
              </tr>
            </thead>
            <tbody>
              {readings.map((reading, i) => (
                <tr key={i} className="border-t border-slate-100 dark:border-slate-800">
                  <td className="py-1 pr-4">{reading.metric}</td>
                  <td className="py-1 pr-4 text-right tabular-nums">{String(reading.value)}</td>
                  <td className="py-1 pr-4">{reading.unit ?? ""}</td>
                  <td className="py-1">{reading.kind}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {refusals.length > 0 && (
        <ul className="space-y-1 text-sm text-amber-800 dark:text-amber-300">
          {refusals.map(({ reason, detail }, i) => (
            <li key={i}>
              Not taken ({reason}): {detail}
            </li>
          ))}
        </ul>
      )}
      {!readings.length && !refusals.length && <p className="text-sm text-slate-600 dark:text-slate-300">It carries no readings.</p>}
    </div>
  );
}
