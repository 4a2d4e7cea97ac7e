import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData } from "@remix-run/react";
import { createSite } from "../../db/sites.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { Button, buttonClass, useFocusOnError } from "../components/form.tsx";
import { DoorPage } from "../components/door-page.tsx";
import { readForm } from "../components/read-form.server.ts";
import { SiteFields } from "../components/site-form.tsx";
import { currencyCodes, readSite, zoneNames } from "../overview/site-values.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  await requireOrganization(request, "site.create");
  return { zones: zoneNames(), currencies: currencyCodes() };
}

export async function action({ request }: ActionFunctionArgs) {
  const { organizationId } = await requireOrganization(request, "site.create");
  const { values, errors, site } = readSite(await readForm(request));
  if (!site) return data({ values, errors }, { status: 400 });
  const { id } = await createSite(organizationId, site);
  throw redirect(`/sites/${id}`);
}

export default function NewSite() {
  const { zones, currencies } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  useFocusOnError(answer);
  return (
    <DoorPage title="Add a place" subtitle="A house, a flat, a workshop: what has meters of its own.">
      <Form method="post" className="space-y-4" noValidate>
        <SiteFields
          values={answer?.values ?? { name: "" }}
          errors={answer?.errors ?? {}}
          zones={zones}
          currencies={currencies}
        />
        <Button className="w-full">Add it</Button>
        <Link to="/" className={`${buttonClass("secondary")} w-full`}>
          Back
        </Link>
      </Form>
    </DoorPage>
  );
}
