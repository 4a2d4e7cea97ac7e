import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData } from "@remix-run/react";
import { membershipsOf } from "../../db/accounts.ts";
import { foundOrganization, mostOwned } from "../../db/organization.ts";
import { checkOrigin, requireUser } from "../auth/require-member.server.ts";
import { Button, FormError, TextField, buttonClass, useFocusOnError } from "../components/form.tsx";
import { DoorPage } from "../components/door-page.tsx";
import { readForm } from "../components/read-form.server.ts";
import { SiteFields } from "../components/site-form.tsx";
import { currencyCodes, readSite, zoneNames } from "../overview/site-values.server.ts";

export const meta: MetaFunction = () => [{ title: "A new organization · Energy Tracking" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const user = await requireUser(request);
  return {
    isOpen: context.env.SIGNUP === "open",
    isFirst: (await membershipsOf(user.id)).length === 0,
    zones: zoneNames(),
    currencies: currencyCodes(),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const user = await requireUser(request);
  checkOrigin(request);
  if (context.env.SIGNUP !== "open") throw new Response("Sign-up is not open", { status: 403 });
  const form = await readForm(request);
  const organization = String(form.get("organization") ?? "").trim();
  const { values, errors: siteErrors, site } = readSite(form);
  const errors: Record<string, string | undefined> = { ...siteErrors };
  if (!organization || organization.length > 100) errors["organization"] = "Give it a name of at most 100 characters.";
  const again = (status: number) => data({ values: { ...values, organization }, errors }, { status });
  if (!site || errors["organization"]) return again(400);
  const siteId = await foundOrganization(user.id, { name: organization, site });
  if (!siteId) {
    errors["form"] = `You own ${mostOwned} organizations already, which is the most.`;
    return again(409);
  }
  throw redirect(`/sites/${siteId}`);
}

/** For who belongs to none any more, or wants another one. */
export default function NewOrganization() {
  const { isOpen, isFirst, zones, currencies } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  useFocusOnError(answer);
  if (!isOpen) {
    return (
      <DoorPage title="No organization">
        <p className="text-slate-600 dark:text-slate-300">
          You belong to no organization now. Ask somebody who does for an invitation: new ones are not made here.
        </p>
      </DoorPage>
    );
  }
  const errors: Record<string, string | undefined> = answer?.errors ?? {};
  return (
    <DoorPage title="A new organization" subtitle="A household or a company, with members and places of its own.">
      <Form method="post" className="space-y-4" noValidate>
        <FormError>{errors["form"]}</FormError>
        <TextField
          label="Household or company"
          name="organization"
          maxLength={100}
          defaultValue={answer?.values.organization}
          error={errors["organization"]}
        />
        <SiteFields values={answer?.values ?? {}} errors={errors} zones={zones} currencies={currencies} />
        <Button className="w-full">Make it</Button>
        {!isFirst && (
          <Link to="/" className={`${buttonClass("secondary")} w-full`}>
            Back
          </Link>
        )}
      </Form>
    </DoorPage>
  );
}
