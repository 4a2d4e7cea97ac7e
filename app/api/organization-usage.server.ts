import { usageOf } from "../../db/usage.ts";
import { quotas } from "../../domain/access/quota.ts";
import {
  may,
  mayInOrganization,
  organizationPermissions,
  roles,
  sitePermissions,
  type MemberRole,
} from "../../domain/access/permissions.ts";
import { scopeFor } from "../../domain/access/scopes.ts";
import { scopes } from "../../domain/access/credential.ts";
import { operation } from "./operation.server.ts";
import { listOf } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

/** What an organization may use and does, and what its members may do. */

const PlanUsageSchema = z
  .object({
    plan: z.string().openapi({ description: "Who runs the platform sets it" }),
    retentionDays: z
      .number()
      .int()
      .nullable()
      .openapi({ description: "Readings and what was made of them are deleted after so many days; null: never" }),
    quotas: z.array(
      z.object({
        quota: z.enum(quotas).openapi({ description: "readings: of today (UTC)" }),
        used: z.number().int(),
        most: z.number().int().nullable().openapi({ description: "null: no limit" }),
      }),
    ),
    days: z
      .array(
        z.object({
          day: z.string().openapi({ description: "UTC", example: "2026-03-01" }),
          readings: z.number().int(),
          refused: z.number().int().openapi({ description: "More than the plan has room for" }),
        }),
      )
      .openapi({ description: "The last 31 days; those without readings are left out" }),
  })
  .openapi("PlanUsage");

const PermissionSchema = z
  .object({
    permission: z.string().openapi({ example: "device.change" }),
    of: z.enum(["site", "organization"]).openapi({
      description: "organization: never for a member (or a key) of some sites only",
    }),
    roles: z.array(z.enum(roles)).openapi({ description: "The members who may" }),
    scope: z.enum(scopes).openapi({ description: "What an API key needs for the same" }),
  })
  .openapi("Permission");

const listed = [
  ...sitePermissions.map((permission) => ({
    ...{ permission, of: "site" as const, scope: scopeFor(permission) },
    roles: roles.filter((role: MemberRole) => may(role, permission)),
  })),
  ...organizationPermissions.map((permission) => ({
    ...{ permission, of: "organization" as const, scope: scopeFor(permission) },
    roles: roles.filter((role: MemberRole) => mayInOrganization({ role, siteIds: null }, permission)),
  })),
];

export const organizationUsageOperations = [
  operation({
    id: "getOrganizationUsage",
    method: "GET",
    path: "/organization/usage",
    tag: "Organization",
    summary: "What the organization uses of its plan, and what came in during the last month",
    permission: "usage.read",
    response: PlanUsageSchema,
    // Null only in a context of some sites, which the permission has refused.
    handle: async ({ organizationId }) => (await usageOf(organizationId))!,
  }),
  operation({
    id: "listPermissions",
    method: "GET",
    path: "/permissions",
    tag: "Access",
    summary: "Who may do what: the table of roles, and the scope that a key needs for the same",
    permission: "site.read",
    response: listOf(PermissionSchema),
    handle: () => Promise.resolve({ items: listed, nextCursor: null }),
  }),
];
