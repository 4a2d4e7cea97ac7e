import type { Permission } from "../../domain/access/permissions.ts";
import type { Ids } from "./api-examples.ts";
import { siteRoutes } from "./route-access-sites.ts";

/**
 * Whom each route is for, and a request that gets as far as that: for tests/integration/isolation.test.ts, which fails for a
 * route that is not here. A permission: of the site in the address or, where the address has none, of the organization.
 */
export type Needs =
  /** Whoever comes, also without an account. */
  | "nobody"
  /** Whoever is signed in. */
  | "person"
  /** Whoever runs the platform; for all others there is no such page. */
  | "platform"
  | Permission;

export type RouteIds = Ids & { organization: string; export: string };
type Form = Record<string, string>;

export interface Posted {
  needs: Needs;
  form?: (ids: RouteIds) => Form;
  /** The same request, where one of it is enough: it would take away what the next ones ask for. */
  harmless?: (ids: RouteIds) => Form;
  /** JSON or bytes instead of a form. */
  body?: (ids: RouteIds) => string;
  /** Statuses that say who may, but not now. */
  also?: readonly number[];
}

export interface RouteAccess {
  loader?: Needs;
  /** Query of the loader. */
  search?: (ids: RouteIds) => string;
  /** By what is asked of the action. */
  action?: Record<string, Posted>;
  /** Ends what the others try with: tried alone. */
  endsSession?: true;
}

const reads: RouteAccess = { loader: "site.read" };
const home = { name: "Cabin", timezone: "UTC", currency: "EUR" };

const open: Record<string, RouteAccess> = {
  "[.]well-known.jwks[.]json.ts": { loader: "nobody" },
  "[shared].$token.tsx": { loader: "nobody" },
  // What it asks is tried operation by operation.
  "api.v1.$.ts": { loader: "nobody", action: { call: { needs: "nobody" } } },
  "confirm-email.tsx": { loader: "nobody", action: { confirm: { needs: "nobody", form: () => ({ token: "x" }) } } },
  "docs.api.tsx": { loader: "nobody" },
  "forgot-password.tsx": { action: { send: { needs: "nobody", form: () => ({ email: "nobody@example.com" }) } } },
  "invitations.$token.tsx": {
    loader: "nobody",
    action: { accept: { needs: "nobody", form: () => ({ intent: "accept" }) } },
  },
  "login.tsx": {
    loader: "nobody",
    action: { login: { needs: "nobody", form: () => ({ email: "x", password: "x" }) } },
  },
  "login_.code.tsx": { loader: "nobody", action: { code: { needs: "nobody", form: () => ({ code: "000000" }) } } },
  "logout.ts": { loader: "nobody", endsSession: true, action: { out: { needs: "nobody" } } },
  "outbox.tsx": { loader: "nobody" },
  "reset-password.tsx": { loader: "nobody", action: { reset: { needs: "nobody", form: () => ({ token: "x" }) } } },
  "signup.tsx": { loader: "nobody", action: { up: { needs: "nobody", form: () => ({ email: "x" }) } } },
  "theme.ts": { loader: "nobody", action: { choose: { needs: "nobody", form: () => ({ theme: "dark" }) } } },
  "verify-email.tsx": { loader: "nobody", action: { verify: { needs: "nobody", form: () => ({ token: "x" }) } } },
};

const ofPerson: Record<string, RouteAccess> = {
  "_index.tsx": { loader: "person" },
  "account.tsx": {
    loader: "person",
    action: { name: { needs: "person", form: () => ({ intent: "name", name: "x".repeat(101) }) } },
  },
  "account_.log.tsx": { loader: "person" },
  "account_.two-factor.tsx": {
    loader: "person",
    action: { nothing: { needs: "person", form: () => ({ intent: "nothing" }) } },
  },
  "organization_.new.tsx": {
    loader: "person",
    action: { found: { needs: "person", form: () => ({ organization: "" }), also: [403] } },
  },
};

const ofOrganization: Record<string, RouteAccess> = {
  "organization.tsx": reads,
  "organization._index.tsx": {
    loader: "site.read",
    action: {
      rename: { needs: "organization.change", form: () => ({ intent: "rename", name: "" }) },
      // Who has none of their own is not let.
      "second-factor": {
        needs: "organization.change",
        form: () => ({ intent: "second-factor", required: "yes" }),
        also: [409],
      },
      transfer: { needs: "owner.make", form: () => ({ intent: "transfer", to: "nobody" }) },
      "grant-support": { needs: "owner.make", form: () => ({ intent: "grant-support", hours: "0" }) },
      "end-support": { needs: "organization.change", form: () => ({ intent: "end-support" }) },
      nothing: { needs: "site.read", form: () => ({ intent: "nothing" }) },
    },
  },
  "organization.keys.tsx": {
    loader: "key.read",
    action: {
      make: { needs: "key.change", form: () => ({ intent: "make", name: "" }) },
      revoke: {
        needs: "key.change",
        form: ({ apiKey }) => ({ intent: "revoke", id: apiKey }),
        harmless: () => ({ intent: "none" }),
      },
    },
  },
  "organization.webhooks._index.tsx": {
    loader: "webhook.change",
    action: { make: { needs: "webhook.change", form: () => ({ intent: "make", name: "" }) } },
  },
  "organization.webhooks.$webhookId.tsx": {
    loader: "webhook.change",
    action: {
      change: { needs: "webhook.change", form: () => ({ intent: "change", name: "" }) },
      test: { needs: "webhook.change", form: () => ({ intent: "test" }), harmless: () => ({ intent: "change" }) },
      on: { needs: "webhook.change", form: () => ({ intent: "on" }) },
      off: { needs: "webhook.change", form: () => ({ intent: "off" }), harmless: () => ({ intent: "on" }) },
      resend: {
        needs: "webhook.change",
        form: ({ delivery }) => ({ intent: "resend", delivery }),
        harmless: () => ({ intent: "on" }),
      },
      rotate: { needs: "webhook.change", form: () => ({ intent: "rotate" }), harmless: () => ({ intent: "on" }) },
      delete: { needs: "webhook.change", form: () => ({ intent: "delete" }), harmless: () => ({ intent: "on" }) },
    },
  },
  "organization.links.tsx": {
    loader: "link.change",
    action: {
      create: { needs: "link.change", form: ({ site }) => ({ intent: "create", site, name: "", what: "overview" }) },
      revoke: {
        needs: "link.change",
        form: ({ link }) => ({ intent: "revoke", link }),
        harmless: () => ({ intent: "create", name: "" }),
      },
    },
  },
  "organization.members.tsx": {
    loader: "member.read",
    action: {
      invite: { needs: "member.invite", form: () => ({ intent: "invite", email: "x", role: "viewer" }) },
      change: {
        needs: "member.invite",
        form: ({ member }) => ({ intent: "change", member, role: "admin", access: "all" }),
        harmless: () => ({ intent: "none" }),
      },
      remove: {
        needs: "member.invite",
        form: ({ member }) => ({ intent: "remove", member }),
        harmless: () => ({ intent: "none" }),
      },
      revoke: {
        needs: "member.invite",
        form: ({ invitation }) => ({ intent: "revoke", invitation }),
        harmless: () => ({ intent: "none" }),
      },
    },
  },
  "organization.roles.tsx": reads,
  "organization.usage.tsx": { loader: "usage.read" },
  "organization.audit.tsx": { loader: "audit.read" },
  "organization.audit[.]csv.ts": { loader: "audit.read" },
  "organization.audit[.]jsonl.ts": { loader: "audit.read" },
  "organization.data.$exportId.download.ts": { loader: "organization.export" },
  "organization.data.tsx": {
    loader: "organization.export",
    action: {
      export: { needs: "organization.export", form: () => ({ intent: "export" }) },
      keep: { needs: "organization.delete", form: () => ({ intent: "keep" }) },
      delete: {
        needs: "organization.delete",
        form: () => ({ intent: "delete", name: "kestrel-organization", when: "now" }),
        harmless: () => ({ intent: "none" }),
      },
    },
  },
  "organization.retention.tsx": {
    loader: "member.read",
    search: () => "days=400",
    action: { choose: { needs: "organization.change", form: () => ({ days: "3" }) } },
  },
  "sites._index.tsx": reads,
  "sites[.]csv.ts": reads,
  "sites.new.tsx": {
    loader: "site.create",
    action: { make: { needs: "site.create", form: () => ({ ...home, name: "" }) } },
  },
  "switch-organization.ts": {
    loader: "nobody",
    action: { choose: { needs: "site.read", form: ({ organization }) => ({ organization }) } },
  },
};

const ofPlatform: Record<string, RouteAccess> = {
  "admin.tsx": { loader: "platform" },
  "admin._index.tsx": { loader: "platform" },
  "admin.organizations.tsx": {
    loader: "platform",
    action: {
      plan: {
        needs: "platform",
        form: ({ organization }) => ({ organization, plan: "unlimited" }),
        harmless: ({ organization }) => ({ organization, plan: "none" }),
        also: [404],
      },
    },
  },
  "admin.plans.tsx": { loader: "platform", action: { save: { needs: "platform", form: () => ({ of: "new" }) } } },
  "admin.queue.tsx": { loader: "platform", action: { retry: { needs: "platform", form: () => ({ job: "0" }) } } },
  // Without the owner's consent there is nothing to go into, also for them.
  "admin.support.ts": {
    loader: "nobody",
    action: { enter: { needs: "platform", form: ({ organization }) => ({ organization }), also: [404] } },
  },
};

export const routeAccess: Record<string, RouteAccess> = {
  ...open,
  ...ofPerson,
  ...ofOrganization,
  ...ofPlatform,
  ...siteRoutes,
};
