import { redirect, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form } from "@remix-run/react";
import { membershipsOf } from "../../db/accounts.ts";
import { requireUser } from "../auth/require-member.server.ts";
import { Button } from "../components/form.tsx";
import { DoorPage } from "../components/door-page.tsx";

export const meta: MetaFunction = () => [{ title: "No organization · Energy Tracking" }];

export async function loader({ request }: LoaderFunctionArgs) {
  const user = await requireUser(request);
  if ((await membershipsOf(user.id)).length) throw redirect("/");
  return {};
}

/** For somebody who deleted their only organization, or was removed from it. */
export default function NoOrganization() {
  return (
    <DoorPage title="No organization">
      <p className="mb-6 text-slate-600 dark:text-slate-300">
        You belong to no organization. What was deleted is gone for good; your account stays, and others can invite you
        to theirs.
      </p>
      <Form method="post" action="/logout">
        <Button className="w-full">Log out</Button>
      </Form>
    </DoorPage>
  );
}
