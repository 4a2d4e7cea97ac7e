import {
  getRawRetention,
  mostPreviewed,
  previewRawRetention,
  setRawRetention,
  type RawRetention,
} from "../../db/raw-retention.ts";
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
    frozen: z
      .object({ channels: z.number().int(), before: instantOut.openapi({ description: "Of the furthest of them" }) })
      .nullable()
      .openapi({ description: "Channels with time that stays as it was computed; null: none" }),
  })
  .openapi("Retention", {
    description:
      "How long raw readings are kept. Energy, events and costs stay; what lies before the kept readings is frozen: it can be neither corrected nor computed anew",
  });

function shown({ days, changedMs, keptFromMs, removed, frozen }: RawRetention) {
  const iso = (ms: number) => new Date(ms).toISOString();
  const at = (ms: number | null) => (ms === null ? null : iso(ms));
  return {
    ...{ days, changedAt: at(changedMs), keptFrom: at(keptFromMs) },
    removed: removed && {
      ...{ at: iso(removed.atMs), before: iso(removed.beforeMs) },
      ...{ readings: removed.readings, waitingChannels: removed.waitingChannels },
    },
    frozen: frozen && { channels: frozen.channels, before: iso(frozen.beforeMs) },
  };
}

const RetentionPreviewSchema = z
  .object({
    keptFrom: instantOut.openapi({ description: "What is older would be refused, and removed" }),
    readings: z.number().openapi({ description: "At most: what later figures are made of stays" }),
    channels: z.number().int().openapi({ description: "Whose time before keptFrom would be frozen" }),
    devices: z
      .array(
        z.object({
          ...{ site: z.string(), device: z.string(), channels: z.number().int(), readings: z.number() },
          since: instantOut.openapi({ description: "Its first reading" }),
        }),
      )
      .openapi({ description: `Those with the most of them, at most ${mostPreviewed}` }),
  })
  .openapi("RetentionPreview");

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
    id: "previewRetention",
    method: "GET",
    path: "/retention/preview",
    tag: "Organization",
    summary: "What a choice would remove and freeze; nothing is stored",
    permission: "member.read",
    query: z.strictObject({
      days: z.coerce.number().int().min(shortestRetentionDays).max(longestRetentionDays).openapi({ example: 400 }),
    }),
    response: RetentionPreviewSchema,
    async handle({ organizationId, query: { days: asked } }) {
      const { keptFromMs, readings, channels, devices } = await previewRawRetention(organizationId, asked, Date.now());
      const iso = (ms: number) => new Date(ms).toISOString();
      return {
        ...{ keptFrom: iso(keptFromMs), readings, channels },
        devices: devices.map(({ siteName, deviceName, firstMs, ...device }) => ({
          ...{ site: siteName, device: deviceName, ...device, since: iso(firstMs) },
        })),
      };
    },
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
