/** Calls about the organization, its members, invitations and links: for tests/integration/api-operations.test.ts. */
interface OrganizationIds {
  site: string;
  member: string;
  invitation: string;
  link: string;
  webhook: string;
  delivery: string;
  export: string;
}

interface OrganizationExample {
  path: (ids: OrganizationIds) => string;
  body?: (ids: OrganizationIds) => object;
  wrong?: object;
  wrongField?: string;
}

export const organizationExamples: Record<string, OrganizationExample> = {
  getOrganization: { path: () => "/organization" },
  updateOrganization: {
    path: () => "/organization",
    body: () => ({ name: "Mill Lane 4", requiresSecondFactor: false }),
    wrong: { name: "" },
    wrongField: "name",
  },
  getOrganizationUsage: { path: () => "/organization/usage" },
  listPermissions: { path: () => "/permissions" },
  listExports: { path: () => "/exports?limit=1" },
  getExport: { path: (ids) => `/exports/${ids.export}` },
  fetchExport: { path: (ids) => `/exports/${ids.export}/file` },
  createExport: { path: () => "/exports" },
  listMembers: { path: () => "/members?limit=1" },
  getMember: { path: ({ member }) => `/members/${member}` },
  updateMember: {
    path: ({ member }) => `/members/${member}`,
    body: ({ site }) => ({ role: "operator", siteIds: [site] }),
    wrong: { role: "boss" },
    wrongField: "role",
  },
  removeMember: { path: ({ member }) => `/members/${member}` },
  listInvitations: { path: () => "/invitations?limit=1" },
  createInvitation: {
    path: () => "/invitations",
    body: ({ site }) => ({ email: "tenant@example.org", role: "viewer", siteIds: [site] }),
    wrong: { email: "tenant", role: "viewer" },
    wrongField: "email",
  },
  getInvitation: { path: ({ invitation }) => `/invitations/${invitation}` },
  resendInvitation: { path: ({ invitation }) => `/invitations/${invitation}/resend` },
  revokeInvitation: { path: ({ invitation }) => `/invitations/${invitation}` },
  listLinks: { path: () => "/links?limit=1" },
  createLink: {
    path: () => "/links",
    body: ({ site }) => ({ siteId: site, name: "The landlord", what: "costs", range: "month", days: 7 }),
    wrong: { siteId: "x", name: "The landlord", what: "overview", range: "month" },
    wrongField: "range",
  },
  getLink: { path: ({ link }) => `/links/${link}` },
  listWebhooks: { path: () => "/webhooks?limit=1" },
  createWebhook: {
    path: () => "/webhooks",
    body: () => ({ name: "Alarm", url: "https://alarm.example/energy", events: ["device.silent", "device.back"] }),
    wrong: { name: "Alarm", url: "https://169.254.169.254/latest/meta-data", events: ["device.silent"] },
    wrongField: "url",
  },
  getWebhook: { path: ({ webhook }) => `/webhooks/${webhook}` },
  updateWebhook: {
    path: ({ webhook }) => `/webhooks/${webhook}`,
    body: () => ({ name: "Bell", isOn: true }),
    wrong: { events: ["webhook.test"] },
    wrongField: "events.0",
  },
  rotateWebhookSecret: { path: ({ webhook }) => `/webhooks/${webhook}/secret` },
  testWebhook: { path: ({ webhook }) => `/webhooks/${webhook}/test` },
  listWebhookDeliveries: { path: ({ webhook }) => `/webhooks/${webhook}/deliveries?limit=1` },
  resendWebhookDelivery: {
    path: ({ webhook, delivery }) => `/webhooks/${webhook}/deliveries/${delivery}/resend`,
  },
  deleteWebhook: { path: ({ webhook }) => `/webhooks/${webhook}` },
  revokeLink: { path: ({ link }) => `/links/${link}` },
};
