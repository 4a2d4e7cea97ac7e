import { data, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { getRawRetention, previewRawRetention, setRawRetention } from "../../db/raw-retention.ts";
import { mayInOrganization } from "../../domain/access/permissions.ts";
import { longestRetentionDays, retentionGraceMs, shortestRetentionDays } from "../../domain/retention.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { readForm } from "../components/read-form.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { PageTitle } from "../components/frame.tsx";
import { Toast } from "../components/toast.tsx";
import { RetentionChoice, RetentionPreviewCard, RetentionStateCard } from "../organization/retention-cards.tsx";

export const meta: MetaFunction = () => [{ title: "Retention · Energy Tracking" }];

/** `days` of the address asks what keeping raw readings for so long would take away. */
export async function loader({ request }: LoaderFunctionArgs) {
  const member = await requireOrganization(request, "member.read");
  const { organizationId } = member;
  const nowMs = Date.now();
  const asked = new URL(request.url).searchParams.get("days");
  const days = asked === null ? null : daysOf(asked);
  const retention = await getRawRetention(organizationId, nowMs);
  return {
    retention,
    asked,
    days,
    error: asked !== null && asked.trim() !== "" && days === null ? daysExpected : null,
    preview: days === null ? null : await previewRawRetention(organizationId, days, nowMs),
    holdsFromMs: retention.changedMs === null ? null : retention.changedMs + retentionGraceMs,
    nowMs,
    mayChange: mayInOrganization(member, "organization.change"),
  };
}

const daysExpected = `Whole days are expected, from ${shortestRetentionDays} to ${longestRetentionDays.toLocaleString("en-GB")}.`;

function daysOf(text: string): number | null {
  const days = /^\d{1,6}$/.test(text.trim()) ? Number(text) : NaN;
  return days >= shortestRetentionDays && days <= longestRetentionDays ? days : null;
}

interface Answer {
  said?: string;
  error?: string;
}

export async function action({ request }: ActionFunctionArgs) {
  const { organizationId } = await requireOrganization(request, "organization.change");
  const form = await readForm(request);
  const text = String(form.get("days") ?? "");
  const days = text === "ever" ? null : daysOf(text);
  if (text !== "ever" && days === null) return data<Answer>({ error: daysExpected }, { status: 400 });
  await setRawRetention(organizationId, days);
  return data<Answer>({
    said: days === null ? "Raw readings are kept for ever" : `Raw readings are kept for ${days} days`,
  });
}

/** How long raw readings are kept, what a shorter time would take away, and what is frozen already. */
export default function Retention() {
  const { retention, asked, days, error, preview, holdsFromMs, nowMs, mayChange } = useLoaderData<typeof loader>();
  const answer = useActionData<Answer>();
  // Days of retention are UTC days.
  const formats = useFormats("UTC");
  return (
    <>
      <PageTitle>Retention</PageTitle>
      <Toast shown={answer?.said && answer}>{answer?.said ?? ""}</Toast>
      <div className="space-y-4">
        <RetentionStateCard {...{ retention, holdsFromMs, nowMs, formats }} />
        {mayChange && <RetentionChoice {...{ retention, asked }} error={answer?.error ?? error} />}
        {mayChange && preview && days !== null && (
          <RetentionPreviewCard
            {...{ preview, days, formats }}
            isShorter={retention.days === null || days < retention.days}
          />
        )}
      </div>
    </>
  );
}
