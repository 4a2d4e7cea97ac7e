import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { databaseHealth, listProcesses, mailHealth, queueByTask } from "../../db/platform.ts";
import { Figures, Table } from "../admin/figures.tsx";
import { requirePlatformAdmin } from "../admin/require-platform-admin.server.ts";
import { bytes, count, duration, utc } from "../admin/words.ts";
import { Badge, Card, CardTitle, PageTitle } from "../components/frame.tsx";

/** A process says every 15 s that it lives. */
const silentAfterS = 45;
/** A job that is due so long and not begun: no worker is there, or they have too much to do. */
const lateAfterS = 300;

export async function loader({ request }: LoaderFunctionArgs) {
  const { id } = await requirePlatformAdmin(request);
  const [processes, queue, database, { waiting, refused, sentDay }] = await Promise.all([
    listProcesses(id),
    queueByTask(id),
    databaseHealth(id),
    mailHealth(id),
  ]);
  return {
    processes: processes.map(({ startedAt, ...one }) => ({
      ...one,
      startedAt: utc(startedAt),
      isSilent: one.silentS > silentAfterS,
    })),
    queue,
    database,
    mail: { waiting, refused, sentDay },
    asOf: utc(new Date()),
  };
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

/** Web, ingest, queue, database and mail at a glance; each card says first whether all is well. */
export default function Health() {
  const { processes, queue, database, mail, asOf } = useLoaderData<typeof loader>();
  return (
    <>
      <PageTitle aside={<p className="text-sm text-slate-600 dark:text-slate-300">{asOf}</p>}>Health</PageTitle>
      <div className="grid grid-cols-1 gap-4">
        <WebCard processes={processes.filter(({ kind }) => kind === "web")} />
        <IngestCard processes={processes.filter(({ kind }) => kind === "ingest")} />
        <QueueCard queue={queue} workers={processes.filter(({ kind }) => kind === "worker")} />
        <DatabaseCard database={database} />
        <MailCard mail={mail} />
      </div>
    </>
  );
}

function WebCard({ processes }: Pick<Loaded, "processes">) {
  const living = processes.filter(({ isSilent }) => !isSilent);
  const isFailing = living.some(({ facts }) => facts.failures);
  const word = !living.length ? "none is running" : isFailing ? "answers some with an error" : "running";
  return (
    <Card>
      <CardTitle aside={<Badge look={!living.length ? "bad" : isFailing ? "warn" : "good"}>{word}</Badge>}>
        Web
      </CardTitle>
      <Table
        label="Web processes"
        rows={processes}
        rowKey={({ host, pid }) => `${host} ${pid}`}
        empty="No web process has said anything in the last day, though one shows this page: look at its log."
        columns={[
          { label: "Process", cell: (one) => <ProcessName {...one} /> },
          { label: "Requests/s", isNumber: true, cell: ({ facts }) => facts.requests ?? 0 },
          { label: "Failures/s", isNumber: true, cell: ({ facts }) => facts.failures ?? 0 },
          { label: "Live streams", isNumber: true, cell: ({ facts }) => count(facts.streams ?? 0) },
        ]}
      />
    </Card>
  );
}

function IngestCard({ processes }: Pick<Loaded, "processes">) {
  const living = processes.filter(({ isSilent }) => !isSilent);
  const isDown = living.some(({ facts }) => facts.isDown);
  const word = !living.length ? "none is running" : isDown ? "waits for the database" : "running";
  return (
    <Card>
      <CardTitle aside={<Badge look={living.length && !isDown ? "good" : "bad"}>{word}</Badge>}>Ingest</CardTitle>
      <Table
        label="Ingest processes"
        rows={processes}
        rowKey={({ host, pid }) => `${host} ${pid}`}
        empty="No ingest has said anything in the last day: start one (energy ingest)."
        columns={[
          { label: "Process", cell: (one) => <ProcessName {...one} /> },
          { label: "Messages/s", isNumber: true, cell: ({ facts }) => facts.messages ?? 0 },
          { label: "Readings/s", isNumber: true, cell: ({ facts }) => facts.readings ?? 0 },
          { label: "Refused/s", isNumber: true, cell: ({ facts }) => facts.refused ?? 0 },
          { label: "MQTT connections", isNumber: true, cell: ({ facts }) => count(facts.connections ?? 0) },
          { label: "Waiting rows", isNumber: true, cell: ({ facts }) => count(facts.waitingRows ?? 0) },
          { label: "Spool", isNumber: true, cell: ({ facts }) => bytes(facts.spoolBytes ?? 0) },
        ]}
      />
    </Card>
  );
}

function ProcessName({ host, pid, startedAt, silentS, isSilent }: Loaded["processes"][number]) {
  return (
    <>
      <p className="whitespace-nowrap font-medium">
        {host} <span className="font-normal text-slate-600 dark:text-slate-300">({pid})</span>{" "}
        {isSilent && <Badge look="bad">{`silent for ${duration(silentS)}`}</Badge>}
      </p>
      <p className="whitespace-nowrap text-xs text-slate-600 dark:text-slate-300">since {startedAt}</p>
    </>
  );
}

function QueueCard({ queue, workers }: Pick<Loaded, "queue"> & { workers: Loaded["processes"] }) {
  const living = workers.filter(({ isSilent }) => !isSilent).length;
  const failed = queue.reduce((sum, task) => sum + task.failed, 0);
  const oldestS = Math.max(0, ...queue.map((task) => task.oldestS ?? 0));
  const isLate = oldestS > lateAfterS;
  const word = !living
    ? "no worker is running"
    : isLate
      ? `late by ${duration(oldestS)}`
      : failed
        ? `${failed} failed`
        : "running";
  const look = !living || isLate ? "bad" : failed ? "warn" : "good";
  return (
    <Card>
      <CardTitle aside={<Badge look={look}>{word}</Badge>}>Queue</CardTitle>
      <Table
        label="Jobs by task"
        rows={queue}
        rowKey={({ task }) => task}
        empty="No job waits or runs."
        columns={[
          { label: "Task", cell: ({ task }) => <span className="font-medium">{task}</span> },
          { label: "Waiting", isNumber: true, cell: ({ waiting }) => count(waiting) },
          { label: "Running", isNumber: true, cell: ({ running }) => count(running) },
          { label: "Failed", isNumber: true, cell: ({ failed }) => count(failed) },
          { label: "Due for", isNumber: true, cell: ({ oldestS }) => (oldestS === null ? "–" : duration(oldestS)) },
        ]}
      />
      <p className="mt-4 text-sm text-slate-600 dark:text-slate-300">
        {living === 1 ? "One worker is" : `${living} workers are`} running.{" "}
        <Link to="/admin/queue" className="font-medium text-emerald-700 underline dark:text-emerald-400">
          Failed jobs
        </Link>
      </p>
    </Card>
  );
}

function DatabaseCard({ database }: Pick<Loaded, "database">) {
  const {
    bytes: size,
    readingsBytes,
    daysBytes,
    latencyMs,
    connections,
    oldestPartition,
    partitions,
    engine,
    version,
  } = database;
  return (
    <Card>
      <CardTitle
        aside={<Badge look={latencyMs < 100 ? "good" : "warn"}>{`answers in ${latencyMs.toFixed(1)} ms`}</Badge>}
      >
        Database
      </CardTitle>
      <Figures
        of={[
          ["Size", bytes(size)],
          ["Readings of this week", bytes(readingsBytes)],
          ["Readings before, packed", bytes(daysBytes)],
          ["Connections", count(connections)],
          ["Oldest partition", oldestPartition ?? "none"],
          ["Partitions", count(partitions)],
          ["Engine", engine],
          ["PostgreSQL", version],
        ]}
      />
    </Card>
  );
}

function MailCard({ mail: { waiting, refused, sentDay } }: Pick<Loaded, "mail">) {
  return (
    <Card>
      <CardTitle
        aside={<Badge look={refused ? "warn" : "good"}>{refused ? `${refused} refused` : "no trouble"}</Badge>}
      >
        Mail
      </CardTitle>
      <Figures
        of={[
          ["Waiting", count(waiting)],
          ["Handed over in a day", count(sentDay)],
          ["Refused in a week", count(refused)],
        ]}
      />
    </Card>
  );
}
