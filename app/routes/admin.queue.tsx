import { data, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { failedJobs, mailHealth, retryJob, retryMail } from "../../db/platform.ts";
import { Table } from "../admin/figures.tsx";
import { requirePlatformAdmin } from "../admin/require-platform-admin.server.ts";
import { utc } from "../admin/words.ts";
import { Button } from "../components/form.tsx";
import { Badge, Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";

export async function loader({ request }: LoaderFunctionArgs) {
  const { id } = await requirePlatformAdmin(request);
  const [jobs, { troubled }] = await Promise.all([failedJobs(id), mailHealth(id)]);
  return {
    jobs: jobs.map(({ runAt, createdAt, ...job }) => ({ ...job, runAt: utc(runAt), createdAt: utc(createdAt) })),
    mails: troubled.map(({ createdAt, ...mail }) => ({ ...mail, createdAt: utc(createdAt) })),
  };
}

export async function action({ request }: ActionFunctionArgs) {
  const { id } = await requirePlatformAdmin(request);
  const form = await readForm(request);
  const job = Number(form.get("job"));
  const done = form.has("mail")
    ? await retryMail(id, String(form.get("mail")))
    : Number.isSafeInteger(job) && (await retryJob(id, job));
  return data({ done: done ? "It is tried again now" : "It is gone, or is running already" });
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

/** What failed in the background, why, and a way to try it again. */
export default function Queue() {
  const { jobs, mails } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <>
      <PageTitle>Jobs and mail</PageTitle>
      <div className="space-y-4">
        <Card>
          <CardTitle>Failed jobs</CardTitle>
          <Table
            label="Failed jobs"
            rows={jobs}
            rowKey={({ id }) => id}
            empty="No job has failed."
            columns={[
              { label: "Task", cell: (job) => <JobName {...job} /> },
              { label: "Tries", isNumber: true, cell: ({ attempts, maxAttempts }) => `${attempts} of ${maxAttempts}` },
              { label: "Error", cell: ({ lastError }) => <ErrorText>{lastError}</ErrorText> },
              { label: "", cell: ({ id, task }) => <Retry name="job" value={String(id)} what={`${task} ${id}`} /> },
            ]}
          />
        </Card>
        <Card>
          <CardTitle>Mail that could not be delivered</CardTitle>
          <Table
            label="Mail that could not be delivered"
            rows={mails}
            rowKey={({ id }) => id}
            empty="No mail has failed."
            columns={[
              { label: "Mail", cell: (mail) => <MailName {...mail} /> },
              { label: "Tries", isNumber: true, cell: ({ attempts }) => attempts },
              { label: "Error", cell: ({ lastError }) => <ErrorText>{lastError}</ErrorText> },
              {
                label: "",
                cell: ({ id, outcome, isKept, recipient }) => (
                  <div className="flex flex-col items-start gap-2">
                    {outcome === "refused" && <Badge look="bad">refused</Badge>}
                    {isKept && <Retry name="mail" value={id} what={`the mail to ${recipient}`} />}
                  </div>
                ),
              },
            ]}
          />
        </Card>
      </div>
      <Toast shown={answer}>{answer?.done ?? ""}</Toast>
    </>
  );
}

const small = "whitespace-nowrap text-xs text-slate-600 dark:text-slate-300";

function JobName({ task, id, attempts, maxAttempts, runAt, createdAt }: Loaded["jobs"][number]) {
  return (
    <>
      <p className="whitespace-nowrap font-medium">
        {task} <span className="font-normal text-slate-600 dark:text-slate-300">{id}</span>
      </p>
      <p className={small}>since {createdAt}</p>
      <p className={small}>{attempts >= maxAttempts ? "given up" : `next try ${runAt}`}</p>
    </>
  );
}

function MailName({ template, recipient, createdAt }: Loaded["mails"][number]) {
  return (
    <>
      <p className="whitespace-nowrap font-medium">{template}</p>
      <p className={small}>to {recipient}</p>
      <p className={small}>{createdAt}</p>
    </>
  );
}

const ErrorText = ({ children }: { children: string }) => (
  <p className="min-w-52 max-w-xl whitespace-pre-wrap break-words font-mono text-xs">{children}</p>
);

function Retry({ name, value, what }: { name: "job" | "mail"; value: string; what: string }) {
  return (
    <Form method="post">
      <Button look="secondary" name={name} value={value} aria-label={`Try ${what} again`} className="whitespace-nowrap">
        Try again
      </Button>
    </Form>
  );
}
