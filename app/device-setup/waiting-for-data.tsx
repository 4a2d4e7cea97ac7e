import { Link, useFetcher } from "@remix-run/react";
import { ArrowRight } from "lucide-react";
import { useEffect, useRef } from "react";
import { buttonClass } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import type { loader as arrivals } from "../routes/sites.$siteId.devices.$deviceId.arrivals.ts";
import { MessageView } from "./message-view.tsx";
import { Rejects } from "./rejects.tsx";

interface WaitingProps {
  siteId: string;
  deviceId: string;
  dateTime: (ms: number) => string;
  mayChange: boolean;
}

const pollMs = 2_000;

/** Waits for the first message and shows it as it arrives: what came, what was understood of it, and what was not. */
export function WaitingForData({ siteId, deviceId, dateTime, mayChange }: WaitingProps) {
  const data = useArrivals(siteId, deviceId);
  const devicePath = `/sites/${siteId}/devices/${deviceId}`;
  const newest = data?.messages[0];
  const rejects = data?.rejects ?? [];
  return (
    <>
      <Card className="mt-4">
        <CardTitle aside={newest && <Understood refused={newest.refusals.length} read={newest.readings.length} />}>
          {newest ? "Its newest message" : "Waiting for its first message …"}
        </CardTitle>
        <div aria-live="polite">
          {newest ? <MessageView message={newest} time={dateTime} /> : <Waiting />}
          {newest && newest.readings.length > 0 && (
            <Link to={devicePath} className={`${buttonClass()} mt-5`}>
              Open the device <ArrowRight className="h-4 w-4" aria-hidden />
            </Link>
          )}
        </div>
      </Card>
      {rejects.length > 0 && (
        <Card className="mt-4">
          <CardTitle>Refused</CardTitle>
          <Rejects
            rejects={rejects}
            dateTime={dateTime}
            kind={data?.kind ?? "device"}
            settingsPath={mayChange ? `${devicePath}/settings` : undefined}
          />
        </Card>
      )}
    </>
  );
}

/** The device's newest messages and refusals, as they come. */
function useArrivals(siteId: string, deviceId: string) {
  const { load, data, state } = useFetcher<typeof arrivals>();
  const hasMessage = useRef(false);
  hasMessage.current = Boolean(data?.messages.length);
  const isLoading = useRef(false);
  isLoading.current = state !== "idle";
  const isAsked = useRef(false);
  const path = `/sites/${siteId}/devices/${deviceId}/arrivals`;
  // What came while it was loading is loaded next: never two at a time, and none is missed.
  useEffect(() => {
    if (state !== "idle" || !isAsked.current) return;
    isAsked.current = false;
    load(path);
  }, [state, load, path]);
  useEffect(() => {
    const ask = () => {
      if (isLoading.current) isAsked.current = true;
      else load(path);
    };
    ask();
    const source = new EventSource(`/sites/${siteId}/live`);
    source.addEventListener("device", (event) => {
      if (JSON.parse((event as MessageEvent<string>).data).id === deviceId) ask();
    });
    // Should the event stream not get through a proxy, the page still finds out.
    const timer = setInterval(() => {
      if (!hasMessage.current || source.readyState !== EventSource.OPEN) ask();
    }, pollMs);
    return () => {
      clearInterval(timer);
      source.close();
    };
  }, [siteId, deviceId, path, load]);
  return data;
}

function Understood({ refused, read }: { refused: number; read: number }) {
  if (!refused) return <Badge look="good">Understood</Badge>;
  return <Badge look={read ? "warn" : "bad"}>{read ? "Partly understood" : "Not understood"}</Badge>;
}

function Waiting() {
  return (
    <p className="flex items-center gap-4 text-slate-600 dark:text-slate-300">
      <span className="relative flex h-3 w-3 shrink-0" aria-hidden>
        <span className="absolute inline-flex h-full w-full animate-ping rounded-full bg-emerald-400 opacity-75 motion-reduce:animate-none" />
        <span className="relative inline-flex h-3 w-3 rounded-full bg-emerald-600 dark:bg-emerald-400" />
      </span>
      It appears here by itself, within seconds of being sent. Leave this page open.
    </p>
  );
}
