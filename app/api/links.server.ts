import {
  createLink,
  getLink,
  listLinks,
  mostLinks,
  revokeLink,
  sharedPages,
  sharedRanges,
  type SharedLink,
} from "../../db/shared-links.ts";
import { publicUrl, readEnvironment } from "../../platform/env.ts";
import { makeSecret } from "../auth/secret-link.server.ts";
import { isDay, longestLinkDays } from "../sharing/read-link.server.ts";
import { cut } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { instantOut, listOf, listPaging, name } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const params = z.object({ id: z.string().openapi({ format: "uuid" }) });

const range = z.enum(sharedRanges).nullable().openapi({ description: "Of flows and costs; of the overview null" });
const atDay = z.string().refine(isDay, "expected a day such as 2026-11-01").nullable().openapi({
  description: "A day of the period; null: the running one, whenever it is looked at",
  example: "2026-11-01",
});

const fields = {
  id: z.string().openapi({ format: "uuid" }),
  siteId,
  name: z.string().openapi({ description: "For whom it is" }),
  what: z.enum(sharedPages),
  range,
  atDay: z.string().nullable(),
  createdBy: z.string().nullable().openapi({ description: "null: a program, or no member any more" }),
  createdAt: instantOut,
  expiresAt: instantOut,
  revokedAt: instantOut.nullable(),
  lastUsedAt: instantOut.nullable().openapi({ description: "To the minute; null: never" }),
};
const LinkSchema = z.object(fields).openapi("SharedLink");
const url = z.string().openapi({ description: "The link itself, in this answer alone: only its SHA-256 is kept" });
const CreatedLinkSchema = z.object({ ...fields, url }).openapi("CreatedSharedLink");

const shown = ({ siteName: _, createdAt, expiresAt, revokedAt, lastUsedAt, ...link }: SharedLink) => ({
  ...link,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  revokedAt: revokedAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

export const linkOperations = [
  operation({
    id: "listLinks",
    method: "GET",
    path: "/links",
    tag: "Access",
    summary: "Links that show one page of a site, the newest first; those that ended go after 30 days",
    permission: "link.change",
    query: z.strictObject(listPaging),
    response: listOf(LinkSchema),
    async handle({ organizationId, query }) {
      const { items, nextCursor } = cut(await listLinks(organizationId), query, ({ id }) => id);
      return { items: items.map(shown), nextCursor };
    },
  }),
  operation({
    id: "createLink",
    method: "POST",
    path: "/links",
    tag: "Access",
    summary: "Share one page of a site with whoever has the link",
    description: "It shows that page and nothing else, to read, without an account, until it runs out or is revoked.",
    permission: "link.change",
    body: z
      .strictObject({
        ...{ siteId, name, what: z.enum(sharedPages) },
        range: range.default(null),
        atDay: atDay.default(null),
        days: z.number().int().min(1).max(longestLinkDays).default(30).openapi({ description: "How long it works" }),
      })
      .refine(({ what, range }) => (what === "overview") === (range === null), {
        path: ["range"],
        message: "expected one of flows and costs, and null of the overview",
      })
      .refine(({ range, atDay }) => range !== null || atDay === null, {
        path: ["atDay"],
        message: "expected null without a range",
      })
      .openapi("NewSharedLink"),
    status: 201,
    response: CreatedLinkSchema,
    problems: [404, 409],
    location: ({ id }) => `/links/${id}`,
    async handle({ organizationId, body }) {
      const { secret, hash } = makeSecret();
      const made = await createLink(organizationId, { ...body, tokenHash: hash, createdBy: null });
      if (made === "no-such-site") throw notFound("site");
      if (made === "too-many") throw new Problem(409, `At most ${mostLinks} links are open at once: revoke some.`);
      return { ...shown(made), url: `${publicUrl(readEnvironment())}/shared/${secret}` };
    },
  }),
  operation({
    id: "getLink",
    method: "GET",
    path: "/links/{id}",
    tag: "Access",
    summary: "A link",
    permission: "link.change",
    params,
    response: LinkSchema,
    async handle({ organizationId, params: { id } }) {
      const link = await getLink(organizationId, id);
      if (!link) throw notFound("link");
      return shown(link);
    },
  }),
  operation({
    id: "revokeLink",
    method: "DELETE",
    path: "/links/{id}",
    tag: "Access",
    summary: "Revoke a link: it opens nothing any more",
    permission: "link.change",
    params,
    async handle({ organizationId, params: { id } }) {
      if (!(await revokeLink(organizationId, id))) throw notFound("link");
    },
  }),
];
