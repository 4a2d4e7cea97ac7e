import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { askForDeletion, deletionOf, graceDays, takeBackDeletion } from "../../db/deletions.ts";
import { exportDays, listExports, startExport } from "../../db/exports.ts";
import { mayInOrganization } from "../../domain/access/permissions.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";
import { useLookAgain } from "../components/use-look-again.ts";
import { DeletionCard } from "../organization/deletion-card.tsx";
import { deletionFaults, type DeletionFaults } from "../organization/confirm-deletion.server.ts";
import { ExportCard } from "../organization/export-card.tsx";
import { zoneOf } from "../organization/zone.server.ts";

export const meta: MetaFunction = () => [{ title: "Data of the organization · Energy Tracking" }];

export async function loader({ request }: LoaderFunctionArgs) {
  const member = await requireOrganization(request, "organization.export");
  const { organizationId, organization } = member;
  const [exports, deletion] = await Promise.all([listExports(organizationId), deletionOf(organizationId)]);
  return {
    organization,
    timezone: await zoneOf(organizationId),
    exports: exports.map(({ createdAt, expiresAt, ...row }) => ({
      ...row,
      createdAt: createdAt.getTime(),
      expiresAt: expiresAt?.getTime() ?? null,
    })),
    deletion: deletion && {
      ...{ dueAt: deletion.dueAt.getTime(), isRunning: deletion.startedAt !== null || deletion.dueAt <= new Date() },
      ...{ removed: deletion.removed, channels: deletion.channels },
    },
    mayDelete: mayInOrganization(member, "organization.delete"),
    ...{ exportDays, graceDays },
  };
}

interface Answer {
  said?: string;
  faults?: DeletionFaults;
}

export async function action({ request, context }: ActionFunctionArgs) {
  const member = await requireOrganization(request, "organization.export");
  const { organizationId, user } = member;
  const form = await readForm(request);
  const intent = form.get("intent");
  if (intent === "export") {
    await startExport(organizationId, user.id);
    return data<Answer>({});
  }
  if (!mayInOrganization(member, "organization.delete")) throw new Response("Not allowed", { status: 403 });
  if (intent === "keep") {
    const isKept = await takeBackDeletion(organizationId);
    return data<Answer>({ said: isKept ? "It will not be deleted" : "The deletion has begun already" });
  }
  if (intent !== "delete") throw new Response("Unknown", { status: 400 });
  const { faults, status } = await deletionFaults(form, member, context.address);
  if (faults) return data<Answer>({ faults }, { status });
  await askForDeletion(organizationId, { userId: user.id, atOnce: form.get("when") === "now" });
  return data<Answer>({});
}

/** What belongs to an organization, and is its to take along or to delete. */
export default function OrganizationData() {
  const { organization, timezone, exports, deletion, mayDelete, exportDays, graceDays } =
    useLoaderData<typeof loader>();
  const answer = useActionData<Answer>();
  const formats = useFormats(timezone);
  const isUnderWay =
    Boolean(deletion?.isRunning) || exports.some((row) => row.state === "waiting" || row.state === "running");
  useLookAgain(isUnderWay);
  return (
    <>
      <PageTitle>Data of {organization}</PageTitle>
      <Toast shown={answer?.said && answer}>{answer?.said ?? ""}</Toast>
      <div className="space-y-4">
        <ExportCard exports={exports} days={exportDays} isStopped={Boolean(deletion?.isRunning)} formats={formats} />
        {mayDelete && (
          <DeletionCard
            organization={organization}
            deletion={deletion}
            days={graceDays}
            faults={answer?.faults ?? {}}
            formats={formats}
          />
        )}
      </div>
    </>
  );
}
