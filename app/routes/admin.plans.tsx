import { data, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { listPlans, savePlan, type PlanLimits } from "../../db/platform.ts";
import { readPlan, type PlanErrors } from "../admin/read-plan.server.ts";
import { requirePlatformAdmin } from "../admin/require-platform-admin.server.ts";
import { count } from "../admin/words.ts";
import { Button, TextField, useFocusOnError } from "../components/form.tsx";
import { Badge, Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";

export async function loader({ request }: LoaderFunctionArgs) {
  const { id } = await requirePlatformAdmin(request);
  return { plans: await listPlans(id) };
}

interface Answer {
  /** Whose form it was. */
  of: string;
  done?: string;
  errors?: PlanErrors;
}

export async function action({ request }: ActionFunctionArgs) {
  const { id } = await requirePlatformAdmin(request);
  const form = await readForm(request);
  const of = String(form.get("of"));
  const read = readPlan(form);
  if ("errors" in read) return data<Answer>({ of, errors: read.errors }, { status: 400 });
  await savePlan(id, read.plan);
  return data<Answer>({ of, done: "Saved: it holds from now on" });
}

const fields: readonly [name: keyof PlanLimits, label: string][] = [
  ["devices", "Devices"],
  ["channels", "Channels"],
  ["members", "Members and open invitations"],
  ["readingsPerDay", "Readings a day"],
  ["retentionDays", "History, days"],
];

const fresh = "new";

/** What organizations may use, by plan. */
export default function Plans() {
  const { plans } = useLoaderData<typeof loader>();
  const answer = useActionData<Answer>();
  useFocusOnError(answer);
  const errorsOf = (of: string) => (answer?.of === of ? answer.errors : undefined) ?? {};
  return (
    <>
      <PageTitle>Plans</PageTitle>
      <p className="mb-4 max-w-3xl text-sm text-slate-600 dark:text-slate-300">
        Who signs up first has no limits; everybody after that begins with the plan “standard”. An empty field is no
        limit. A smaller limit takes nothing away, it only stops more from being added; but of history, what is older is
        deleted within the hour.
      </p>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        {plans.map((plan) => (
          <Card key={plan.name}>
            <CardTitle
              aside={
                <Badge>
                  {plan.organizations === 1 ? "1 organization" : `${count(plan.organizations)} organizations`}
                </Badge>
              }
            >
              {plan.title}
            </CardTitle>
            <PlanForm of={plan.name} plan={plan} errors={errorsOf(plan.name)} />
          </Card>
        ))}
        <Card key={`${fresh} ${plans.length}`}>
          <CardTitle>A new plan</CardTitle>
          <PlanForm of={fresh} plan={null} errors={errorsOf(fresh)} />
        </Card>
      </div>
      <Toast shown={answer?.done ? answer : null}>{answer?.done ?? ""}</Toast>
    </>
  );
}

interface PlanFormProps {
  of: string;
  plan: (PlanLimits & { name: string; title: string }) | null;
  errors: PlanErrors;
}

function PlanForm({ of, plan, errors }: PlanFormProps) {
  return (
    <Form method="post" className="grid grid-cols-1 gap-4 sm:grid-cols-2" noValidate>
      <input type="hidden" name="of" value={of} />
      {plan ? (
        <input type="hidden" name="name" value={plan.name} />
      ) : (
        <TextField label="Name" name="name" placeholder="large" autoComplete="off" error={errors.name} />
      )}
      <TextField label="Title" name="title" defaultValue={plan?.title} autoComplete="off" error={errors.title} />
      {fields.map(([name, label]) => (
        <TextField
          key={name}
          label={label}
          name={name}
          inputMode="numeric"
          autoComplete="off"
          placeholder="no limit"
          defaultValue={plan?.[name] == null ? "" : count(plan[name])}
          error={errors[name]}
        />
      ))}
      <div className="sm:col-span-2">
        <Button look={plan ? "secondary" : "primary"}>{plan ? "Save" : "Make it"}</Button>
      </div>
    </Form>
  );
}
