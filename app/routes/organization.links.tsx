import { data, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { createLink, listLinks, mostLinks, revokeLink } from "../../db/shared-links.ts";
import { publicUrl } from "../../platform/env.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { makeSecret } from "../auth/secret-link.server.ts";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";
import { siteNames } from "../organization/load-organization.server.ts";
import { LinksCard, MadeLinkCard, NewLinkCard } from "../sharing/link-cards.tsx";
import { readLink, type LinkErrors } from "../sharing/read-link.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { organizationId: id } = await requireOrganization(request, "link.change");
  const links = (await listLinks(id)).map(({ expiresAt, revokedAt, lastUsedAt, ...link }) => ({
    ...link,
    expiresAtMs: expiresAt.getTime(),
    isRevoked: revokedAt !== null,
    lastUsedAtMs: lastUsedAt?.getTime() ?? null,
  }));
  return { id, links, sites: await siteNames(id), nowMs: Date.now() };
}

export interface LinksAnswer {
  /** The link itself, shown this once. */
  url?: string;
  name?: string;
  done?: string;
  errors?: LinkErrors;
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { user, organizationId } = await requireOrganization(request, "link.change");
  const form = await readForm(request);
  if (form.get("intent") === "revoke") {
    const link = await revokeLink(organizationId, String(form.get("link")));
    if (!link) throw new Response("Not found", { status: 404 });
    return data<LinksAnswer>({ done: "Revoked: it opens nothing any more" });
  }
  const { link, errors } = readLink(form);
  if (!link) return data<LinksAnswer>({ errors }, { status: 400 });
  const { secret, hash } = makeSecret();
  const made = await createLink(organizationId, { ...link, tokenHash: hash, createdBy: user.id });
  if (made === "no-such-site") throw new Response("Not found", { status: 404 });
  if (made === "too-many")
    return data<LinksAnswer>(
      { errors: { form: `${mostLinks} links are open already: revoke some.` } },
      { status: 409 },
    );
  return data<LinksAnswer>({ url: `${publicUrl(context.env)}/shared/${secret}`, name: made.name });
}

/** Links that show one page of one place to whoever has them. */
export default function Links() {
  const { id, links, sites, nowMs } = useLoaderData<typeof loader>();
  const answer = useActionData<LinksAnswer>();
  return (
    <>
      <PageTitle>Links</PageTitle>
      <div className="space-y-4">
        {answer?.url && <MadeLinkCard url={answer.url} name={answer.name ?? ""} />}
        {sites.length > 0 && <NewLinkCard id={id} sites={sites} errors={answer?.errors ?? {}} key={answer?.url} />}
        <LinksCard id={id} links={links} nowMs={nowMs} />
      </div>
      <Toast shown={answer?.done ? answer : null}>{answer?.done ?? ""}</Toast>
    </>
  );
}
