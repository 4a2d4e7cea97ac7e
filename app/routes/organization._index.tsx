import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { leaveOrganization, listMembers, transferOwnership } from "../../db/members.ts";
import { getAccount } from "../../db/account.ts";
import { changeOrganization, getOrganization } from "../../db/organization.ts";
import { mayInOrganization } from "../../domain/access/permissions.ts";
import { requireOrganization, type OrganizationMember } from "../auth/require-member.server.ts";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";
import { faultWords } from "../organization/error-words.server.ts";
import { siteNames } from "../organization/load-organization.server.ts";
import { SupportCard } from "../support/support-card.tsx";
import { changeSupport, loadSupport } from "../support/load-support.server.ts";
import {
  LeaveCard,
  NameCard,
  OwnMembershipCard,
  SecondFactorCard,
  TransferCard,
} from "../organization/organization-cards.tsx";

export async function loader({ request }: LoaderFunctionArgs) {
  const member = await requireOrganization(request, "site.read");
  const { user, organizationId: id, organization: name, role, siteIds } = member;
  const mayTransfer = mayInOrganization(member, "owner.make");
  const members = mayTransfer ? await listMembers(id) : [];
  return {
    ...{ id, name, role, siteIds, sites: await siteNames(id) },
    isMember: member.supportUntil === null,
    mayChange: mayInOrganization(member, "organization.change"),
    requiresSecondFactor: (await getOrganization(id)).requiresSecondFactor,
    heirs: members
      .filter(({ userId }) => userId !== user.id)
      .map(({ userId, name, email }) => ({ userId, name, email })),
    mayTransfer,
    ...(await loadSupport(member)),
  };
}

export interface OrganizationAnswer {
  intent: string;
  done?: string;
  error?: string;
}

const refused = (intent: string, error: string, status = 400) =>
  data<OrganizationAnswer>({ intent, error }, { status });

export async function action({ request }: ActionFunctionArgs) {
  const member = await requireOrganization(request, "site.read");
  const form = await readForm(request);
  const intent = String(form.get("intent"));
  if (intent === "leave") return leave(member);
  if (intent === "transfer") return transfer(member, form);
  if (intent === "grant-support" || intent === "end-support") return changeSupport(member, intent, form);
  if (intent !== "rename" && intent !== "second-factor") throw new Response("Unknown intent", { status: 400 });
  if (!mayInOrganization(member, "organization.change")) throw new Response("Not allowed", { status: 403 });
  if (intent === "second-factor") return askForSecondFactor(member, form.get("required") === "yes");
  const name = String(form.get("name") ?? "").trim();
  if (!name || name.length > 100) return refused(intent, "Give it a name of at most 100 characters.");
  await changeOrganization(member.organizationId, { name });
  return data<OrganizationAnswer>({ intent, done: "Saved" });
}

/** Who asks it of the others has it: nobody shuts themselves out with one click. */
async function askForSecondFactor({ user, organizationId }: OrganizationMember, isRequired: boolean) {
  const intent = "second-factor";
  if (isRequired && !(await getAccount(user.id)).hasTwoFactor)
    return refused(intent, "Switch on two-factor login for your own account first.", 409);
  await changeOrganization(organizationId, { requiresSecondFactor: isRequired });
  return data<OrganizationAnswer>({ intent, done: isRequired ? "Asked of everybody from now on" : "Asked of nobody" });
}

async function leave({ user, organizationId }: OrganizationMember) {
  const outcome = await leaveOrganization(user.id, organizationId);
  if (outcome === "last-owner") return refused("leave", faultWords[outcome], 409);
  throw redirect("/");
}

async function transfer(member: OrganizationMember, form: FormData) {
  if (!mayInOrganization(member, "owner.make")) throw new Response("Not allowed", { status: 403 });
  const to = String(form.get("to"));
  const outcome = await transferOwnership(member.organizationId, { from: member.user.id, to });
  if (outcome !== "transferred") return refused("transfer", faultWords[outcome], 409);
  return data<OrganizationAnswer>({ intent: "transfer", done: "Handed over: you are an admin now" });
}

/** The organization, and one's own place in it. */
export default function Organization() {
  const { id, name, role, siteIds, sites, mayChange, mayTransfer, heirs, isMember, support, mayGrantSupport } =
    useLoaderData<typeof loader>();
  const { requiresSecondFactor } = useLoaderData<typeof loader>();
  const answer = useActionData<OrganizationAnswer>();
  const errorOf = (intent: string) => (answer?.intent === intent ? answer.error : undefined);
  return (
    <>
      <PageTitle>{name}</PageTitle>
      <div className="grid grid-cols-1 items-start gap-4 md:grid-cols-2">
        <OwnMembershipCard role={role} siteIds={siteIds} sites={sites} />
        {mayChange && <NameCard key={name} id={id} name={name} error={errorOf("rename")} />}
        {mayChange && (
          <SecondFactorCard
            key={String(requiresSecondFactor)}
            id={id}
            isRequired={requiresSecondFactor}
            error={errorOf("second-factor")}
          />
        )}
        {mayTransfer && <TransferCard id={id} heirs={heirs} error={errorOf("transfer")} />}
        {(mayGrantSupport || support) && <SupportCard id={id} support={support} mayGrant={mayGrantSupport} />}
        {isMember && <LeaveCard id={id} name={name} error={errorOf("leave")} />}
      </div>
      <Toast shown={answer?.done ? answer : null}>{answer?.done ?? ""}</Toast>
    </>
  );
}
