import { data, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData } from "@remix-run/react";
import { listOrganizations, listPlans, setPlan } from "../../db/platform.ts";
import { warningShare } from "../../domain/access/quota.ts";
import { Table } from "../admin/figures.tsx";
import { requirePlatformAdmin } from "../admin/require-platform-admin.server.ts";
import { count, utc } from "../admin/words.ts";
import { Button, TextField, buttonClass } from "../components/form.tsx";
import { Badge, Card, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";

const perPage = 50;

export async function loader({ request }: LoaderFunctionArgs) {
  const { id } = await requirePlatformAdmin(request);
  const { searchParams } = new URL(request.url);
  const search = (searchParams.get("search") ?? "").trim().slice(0, 100);
  const page = Math.min(10_000, Math.max(0, Math.floor(Number(searchParams.get("page")) || 0)));
  const found = await listOrganizations(id, { search, limit: perPage + 1, offset: page * perPage });
  return {
    ...{ search, page, hasMore: found.length > perPage },
    organizations: found.slice(0, perPage).map(({ createdAt, supportUntil, ...one }) => ({
      ...one,
      createdAt: utc(createdAt).slice(0, 10),
      supportUntil: supportUntil && utc(supportUntil),
    })),
    plans: (await listPlans(id)).map(({ name, title }) => ({ name, title })),
  };
}

export async function action({ request }: ActionFunctionArgs) {
  const { id } = await requirePlatformAdmin(request);
  const form = await readForm(request);
  const done = await setPlan(id, String(form.get("organization")), String(form.get("plan")));
  if (!done) throw new Response("Not found", { status: 404 });
  return data({ done: "The plan is changed" });
}

type Listed = ReturnType<typeof useLoaderData<typeof loader>>["organizations"][number];

/** Who is on the platform and how much they use: numbers, nothing of what they measure. */
export default function Organizations() {
  const { search, page, hasMore, organizations, plans } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <>
      <PageTitle>Organizations</PageTitle>
      <Card>
        <Form className="mb-4 flex max-w-md items-end gap-2" role="search">
          <div className="flex-1">
            <TextField label="Name or id" name="search" type="search" defaultValue={search} />
          </div>
          <Button look="secondary">Search</Button>
        </Form>
        <Table
          label="Organizations"
          rows={organizations}
          rowKey={({ id }) => id}
          empty="No organization is called so."
          columns={[
            { label: "Name", cell: (one) => <Name {...one} /> },
            { label: "Plan", cell: (one) => <PlanForm key={one.plan} one={one} plans={plans} /> },
            { label: "Devices", isNumber: true, cell: ({ devices }) => count(devices) },
            { label: "Channels", isNumber: true, cell: ({ channels }) => count(channels) },
            { label: "Members", isNumber: true, cell: ({ members }) => count(members) },
            { label: "Readings today", isNumber: true, cell: (one) => <Readings {...one} /> },
            { label: "In 7 days", isNumber: true, cell: ({ readingsWeek }) => count(readingsWeek) },
            { label: "Fullest quota", isNumber: true, cell: ({ fullest }) => <Fullest share={fullest} /> },
            { label: "Support", cell: (one) => <Support {...one} /> },
          ]}
        />
        {(page > 0 || hasMore) && (
          <nav aria-label="More organizations" className="mt-4 flex justify-between text-sm">
            {page > 0 ? <Link to={`?search=${encodeURIComponent(search)}&page=${page - 1}`}>Newer</Link> : <span />}
            {hasMore && <Link to={`?search=${encodeURIComponent(search)}&page=${page + 1}`}>Older</Link>}
          </nav>
        )}
      </Card>
      <Toast shown={answer}>{answer?.done ?? ""}</Toast>
    </>
  );
}

function Name({ name, createdAt }: Listed) {
  return (
    <>
      <p className="max-w-56 truncate font-medium" title={name}>
        {name}
      </p>
      <p className="text-xs text-slate-600 dark:text-slate-300">since {createdAt}</p>
    </>
  );
}

function PlanForm({ one, plans }: { one: Listed; plans: readonly { name: string; title: string }[] }) {
  return (
    <Form method="post" className="flex items-center gap-2">
      <input type="hidden" name="organization" value={one.id} />
      <select
        name="plan"
        defaultValue={one.plan}
        aria-label={`Plan of ${one.name}`}
        className="min-h-11 rounded-lg border-slate-300 bg-white text-sm dark:border-slate-700 dark:bg-slate-900"
      >
        {plans.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
      <Button look="secondary" aria-label={`Change the plan of ${one.name}`}>
        Change
      </Button>
    </Form>
  );
}

function Readings({ readings, refused }: Listed) {
  return (
    <>
      {count(readings)}
      {refused > 0 && <p className="text-xs text-rose-700 dark:text-rose-400">{count(refused)} refused</p>}
    </>
  );
}

function Fullest({ share }: { share: number | null }) {
  if (share === null) return "–";
  const look = share >= 1 ? "bad" : share >= warningShare ? "warn" : "plain";
  return <Badge look={look}>{`${Math.floor(100 * share)} %`}</Badge>;
}

/** Only where an owner consents is there a way in. */
function Support({ id, name, supportUntil }: Listed) {
  if (!supportUntil) return <span className="text-slate-600 dark:text-slate-300">not allowed</span>;
  return (
    <Form method="post" action="/admin/support">
      <input type="hidden" name="organization" value={id} />
      <button
        name="intent"
        value="enter"
        className={buttonClass("secondary")}
        aria-label={`Look into ${name}, until ${supportUntil}`}
        title={`until ${supportUntil}`}
      >
        Look in
      </button>
    </Form>
  );
}
