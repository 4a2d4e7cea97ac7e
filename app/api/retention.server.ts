import { getRawRetention, setRawRetention, type RawRetention } from "../../db/raw-retention.ts";
import { longestRetentionDays, shortestRetentionDays } from "../../domain/retention.ts";
import { operation } from "./operation.server.ts";
import { instantOut } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

const days = z.int().min(shortestRetentionDays).max(longestRetentionDays).nullable().openapi({
  description: "Raw readings of older days are refused when they arrive, and removed by night; null: kept for ever",
});

const RetentionSchema = z
  .object({
    days,
    changedAt: instantOut.nullable().openapi({ description: "The choice holds from a day after it" }),
    keptFrom: instantOut.nullable().openapi({ description: "Readings before it are refused; null: none" }),
    removed: z
      .object({
        at: instantOut,
        before: instantOut.openapi({ description: "What has been taken away lies before it" }),
        readings: z.number().int().openapi({ description: "In all passes" }),
        waitingChannels: z.number().int().openapi({ description: "Left for the next pass: late readings wait there" }),
      })
      .nullable()
      .openapi({ description: "What the nightly pass did; null: there was none yet" }),
  })
  .openapi("Retention", {
    description:
      "How long raw readings are kept. Energy, events and costs stay; what lies before the kept readings is frozen: it can be neither corrected nor computed anew",
  });

function shown({ days, changedMs, keptFromMs, removed }: RawRetention) {
  const iso = (ms: number) => new Date(ms).toISOString();
  const at = (ms: number | null) => (ms === null ? null : iso(ms));
  return {
    ...{ days, changedAt: at(changedMs), keptFrom: at(keptFromMs) },
    removed: removed && {
      ...{ at: iso(removed.atMs), before: iso(removed.beforeMs) },
      ...{ readings: removed.readings, waitingChannels: removed.waitingChannels },
    },
  };
}

export const retentionOperations = [
  operation({
    id: "getRetention",
    method: "GET",
    path: "/retention",
    tag: "Organization",
    summary: "How long raw readings are kept, and what was removed",
    permission: "member.read",
    response: RetentionSchema,
    handle: async ({ organizationId }) => shown(await getRawRetention(organizationId, Date.now())),
  }),
  operation({
    id: "setRetention",
    method: "PUT",
    path: "/retention",
    tag: "Organization",
    summary: "Choose how long raw readings are kept; what is removed does not come back",
    permission: "organization.change",
    body: z.strictObject({ days }).openapi("NewRetention"),
    response: RetentionSchema,
    async handle({ organizationId, body }) {
      await setRawRetention(organizationId, body.days);
      return shown(await getRawRetention(organizationId, Date.now()));
    },
  }),
];
