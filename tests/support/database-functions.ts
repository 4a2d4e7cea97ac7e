import { newCredential } from "../../app/auth/new-credential.server.ts";
import type { Sql } from "../../db/client.ts";
import { tariff } from "./cost-examples.ts";
import type { RouteIds } from "./route-access.ts";

/**
 * How each function of `db/` is called with ids of another organization: for tests/integration/isolation-database.test.ts,
 * which fails for one that is not here.
 */

/** Called with the caller's organization. */
export type OfOrganization = (ids: RouteIds) => unknown[];

const day = { fromMs: Date.UTC(2026, 2, 1), toMs: Date.UTC(2026, 2, 2) };
const page = { after: null, limit: 100 };
const version = { validFrom: "2026-09-01", tariff, note: "" };
const check = { fromDay: "2026-03-01", toDay: "2026-04-01", items: [], total: "1", note: "" };
const admin = { role: "admin" };
const again = { isAnotherMeter: true, userId: null };
const mail = { tokenHash: "hash", write: () => ({ to: "x@example.org", template: "verify-email", data: {} }) };
const number = (text: string) => Number(text.replace("v", ""));
const none = () => [];

/** Functions whose first argument is the organization: they run as the other one, with what is the first one's. */
export const ofOrganization: Record<string, Record<string, OfOrganization>> = {
  "api-keys.ts": {
    createApiKey: ({ site }) => [{ name: "x", hash: "x", scopes: ["read"], siteIds: [site] }],
    apiKeysPage: () => [page],
    getApiKey: ({ apiKey }) => [apiKey],
    updateApiKey: ({ apiKey }) => [apiKey, { name: "taken" }],
    revokeApiKey: ({ apiKey }) => [apiKey],
  },
  "audit.ts": {
    auditPage: () => [{}, { before: null, limit: 100 }],
    auditEvents: () => [{}],
    recordRead: ({ device }) => [{ action: "x.read", objectType: "device", objectId: device }],
  },
  "deletions.ts": {
    deletionOf: none,
    askForDeletion: () => [{ userId: "none", atOnce: false }],
    takeBackDeletion: none,
  },
  "exports.ts": {
    startExport: () => [null],
    listExports: none,
    finishedExport: (ids) => [ids.export],
    exportBytes: (ids) => [ids.export],
  },
  "raw-retention.ts": {
    getRawRetention: () => [Date.now()],
    setRawRetention: () => [400],
    previewRawRetention: () => [400, Date.now()],
  },
  "bill-checks.ts": {
    billChecksOf: ({ site }) => [site],
    getBillCheck: ({ billCheck }) => [billCheck],
    createBillCheck: ({ contract }) => [contract, { ...check, createdBy: null }],
    updateBillCheck: ({ billCheck }) => [billCheck, check],
    deleteBillCheck: ({ billCheck }) => [billCheck],
  },
  "channels.ts": {
    listChannels: ({ device }) => [{ deviceId: device }],
    channelsPage: ({ device }) => [{ deviceId: device, after: null, limit: 100 }],
    getChannel: ({ channel }) => [Number(channel)],
    updateChannel: ({ channel }) => [Number(channel), { name: "taken" }],
    deleteChannel: ({ channel }) => [Number(channel)],
  },
  "contracts.ts": {
    contractsOf: ({ site }) => [site],
    getContract: ({ contract }) => [contract],
    createContract: ({ site }) => [
      { siteId: site, name: "x", medium: "electricity", channelId: null, createdBy: null, version },
    ],
    updateContract: ({ contract }) => [contract, { name: "taken", endsOn: null }],
    deleteContract: ({ contract }) => [contract],
    putVersion: ({ contract }) => [contract, { ...version, createdBy: null }],
    withdrawVersion: ({ contract, version: versionId }) => [contract, { versionId, by: null }],
    pastVersions: ({ contract }) => [contract],
  },
  "corrections.ts": {
    correctionsPage: ({ channel }) => [Number(channel), { before: null, limit: 100 }],
    getCorrection: ({ correction }) => [correction],
    addCorrection: ({ channel }) => [
      Number(channel),
      { correction: { what: "exclude", ...day }, reason: "x", userId: null },
    ],
    undoCorrection: ({ correction }) => [correction, { reason: "x", userId: null }],
  },
  "credentials.ts": {
    rotateCredential: ({ device }) => [device, newCredential().kept],
    revokeCredential: ({ device }) => [device],
  },
  "device-health.ts": {
    deviceHealth: ({ device }) => [device, day.toMs],
    presences: ({ site }) => [site, day.toMs],
  },
  "device-messages.ts": {
    deviceMessages: ({ device }) => [device],
    newestMessages: ({ device }) => [[device]],
    deviceRejects: ({ device }) => [device],
  },
  "devices.ts": {
    listDevices: ({ site }) => [{ siteId: site }],
    devicesPage: ({ site }) => [{ ...page, siteId: site }],
    getDevice: ({ device }) => [device],
    devicesOfSite: ({ site, device }) => [site, [device]],
    createDevice: ({ site }) => [{ siteId: site, name: "x", kind: "device" }, newCredential().kept],
    updateDevice: ({ device }) => [device, { name: "taken" }],
    deleteDevice: ({ device }) => [device],
    deviceDataSize: ({ device }) => [device],
  },
  "idempotency.ts": {
    beginOnce: () => [{ key: "k", requestHash: "h" }],
    keepAnswer: () => [
      { key: "k", requestHash: "h" },
      { status: 200, body: "", location: null },
    ],
    forgetOnce: () => [{ key: "k", requestHash: "h" }],
  },
  "imports.ts": {
    createImport: ({ device }) => [{ deviceId: device, fileName: "a", size: 3, options: null, createdBy: null }],
    getImport: (ids) => [ids.import],
    importsOfSite: ({ site }) => [site, 100],
    importsPage: () => [page],
    putChunk: (ids) => [{ importId: ids.import, number: 0, bytes: new Uint8Array(3) }],
    headOfImport: (ids) => [ids.import],
    setImportOptions: (ids) => [ids.import, { timezone: "UTC" }],
    startImport: (ids) => [ids.import, { timezone: "UTC" }],
    cancelImport: (ids) => [ids.import],
  },
  "inbox.ts": {
    inboxOf: ({ site }) => [site],
    inboxSize: ({ site }) => [site],
    acceptDevices: ({ heard }) => [[heard]],
    ignoreDevices: ({ heard }) => [[heard]],
  },
  "invitations.ts": {
    listInvitations: none,
    getInvitation: ({ invitation }) => [invitation],
    invite: ({ site }) => [{ by: admin, email: "x@example.org", role: "viewer", siteIds: [site] }, mail],
    resendInvitation: ({ invitation }) => [{ by: admin, id: invitation }, mail],
    revokeInvitation: ({ invitation }) => [{ by: admin, id: invitation }],
  },
  "webhooks.ts": {
    listWebhooks: none,
    getWebhook: ({ webhook }) => [webhook],
    createWebhook: () => [
      { name: "x", url: "https://x.example/", events: ["device.back"], secret: "whsec_eA==", createdBy: null },
    ],
    updateWebhook: ({ webhook }) => [webhook, { name: "taken", isOn: false }],
    deleteWebhook: ({ webhook }) => [webhook],
    rotateWebhookSecret: ({ webhook }) => [webhook, "whsec_eA=="],
    deliveriesPage: ({ webhook }) => [webhook, page],
    testWebhook: ({ webhook }) => [webhook],
    sendAgain: ({ webhook, delivery }) => [{ webhookId: webhook, deliveryId: delivery }],
  },
  "mapping.ts": { saveMapping: ({ device }) => [device, { map: {} }] },
  "members.ts": {
    listMembers: none,
    getMember: ({ member }) => [member],
    changeMember: ({ member }) => [{ by: { role: "owner" }, userId: member }, { role: "admin" }],
    removeMember: ({ member }) => [{ by: { role: "owner" }, userId: member }],
    transferOwnership: ({ member }) => [{ from: member, to: member }],
  },
  "merge.ts": {
    previewMerge: ({ twin, device }) => [twin, device],
    mergeDevices: ({ twin, device }) => [twin, device, again],
    continueChannel: ({ channel, otherChannel }) => [
      { channelId: Number(channel), withChannelId: Number(otherChannel) },
      again,
    ],
  },
  "meter-groups.ts": {
    listGroups: ({ site }) => [site],
    getGroup: ({ group }) => [Number(group)],
    createGroup: ({ site }) => [site, "x"],
    renameGroup: ({ group }) => [Number(group), "taken"],
    deleteGroup: ({ group }) => [Number(group)],
  },
  "meters.ts": {
    siteMeters: ({ site }) => [site],
    placeMeter: ({ site, channel, otherChannel }) => [
      site,
      `c${channel}`,
      { parentId: `c${otherChannel}`, groupId: null },
    ],
  },
  "move.ts": {
    previewMove: ({ heard, gateway }) => [heard, gateway],
    moveToGateway: ({ heard, gateway }) => [heard, gateway, null],
  },
  "newest-readings.ts": {
    newestReadings: ({ channel }) => [Number(channel), { kind: "readings", beforeMs: null, limit: 100 }],
  },
  "organization.ts": { getOrganization: none, changeOrganization: () => [{ name: "second" }] },
  "readings.ts": {
    readingsOf: ({ channel }) => [Number(channel), { ...day, limit: 100 }],
    statesOf: ({ channel }) => [Number(channel), { ...day, limit: 100 }],
  },
  "shared-links.ts": {
    listLinks: none,
    getLink: ({ link }) => [link],
    createLink: ({ site }) => [
      {
        siteId: site,
        name: "x",
        what: "overview",
        range: null,
        day: null,
        tokenHash: "x",
        expiresAt: new Date(4e12),
        createdBy: null,
      },
    ],
    revokeLink: ({ link }) => [link],
  },
  "sites.ts": {
    listSites: none,
    getSite: ({ site }) => [site],
    createSite: () => [{ name: "x", timezone: "UTC", currency: "EUR" }],
    sitesPage: () => [page],
    updateSite: ({ site }) => [site, { name: "taken" }],
    deleteSite: ({ emptySite }) => [emptySite],
  },
  "support-reads.ts": { recordSupportRead: () => [{ userId: "none", path: "/sites" }] },
  "support-access.ts": { supportOf: none, grantSupport: () => [{ userId: "none", hours: 1 }], endSupport: none },
  "usage.ts": { usageOf: none },
  "virtual-meters.ts": {
    createVirtualMeter: ({ site, channel }) => [
      site,
      { name: "x", formula: `c${channel}`, medium: "electricity", role: "consumer", parentId: null, groupId: null },
    ],
    updateVirtualMeter: ({ virtualMeter }) => [number(virtualMeter), { name: "taken" }],
    deleteVirtualMeter: ({ virtualMeter }) => [number(virtualMeter)],
    getVirtualMeter: ({ virtualMeter }) => [number(virtualMeter)],
  },
};

const ids = ({ channel, otherChannel }: RouteIds) => [Number(channel), Number(otherChannel)];
const stretch = { startMs: day.fromMs, count: 8 };

/** Questions on the caller's transaction, as pages ask them: in the other organization's context. */
export const onTransaction: Record<string, Record<string, (sql: Sql, of: RouteIds) => unknown[]>> = {
  "audit.ts": {
    recordEvent: (sql, { organization }) => [sql, { action: "x.read", objectType: "x" }, organization],
  },
  "bucket-columns.ts": {
    bucketColumnsOf: (sql, of) => [sql, ids(of), stretch, "series"],
    energyColumnsOf: (sql, of) => [sql, ids(of), stretch],
  },
  "offline.ts": {
    offlineTimes: (sql, { channel }) => [sql, "organization", [{ channelId: Number(channel), ...day }]],
  },
  "cadence.ts": { learnedOf: (sql, { channel }) => [sql, Number(channel), day] },
  "channels.ts": {
    channelsOf: (sql, { device }) => [sql, { deviceId: device }],
    channelOf: (sql, { channel }) => [sql, Number(channel)],
  },
  "contracts.ts": { contractsWithin: (sql, { site }) => [sql, site] },
  "corrections.ts": {
    correctionsInForce: (sql, of) => [sql, ids(of)],
    insertCorrection: (sql, { channel }) => [
      sql,
      Number(channel),
      { correction: { what: "exclude", ...day }, reason: "x", userId: null },
    ],
  },
  "credentials.ts": {
    insertCredential: (sql, { device, organization }) => [
      sql,
      { organizationId: organization, deviceId: device },
      newCredential().kept,
    ],
    revokeAll: (sql, { device }) => [sql, device],
  },
  "insert-channel.ts": {
    insertChannel: (sql, { organization, device }) => [
      sql,
      { organizationId: organization, deviceId: device },
      { key: "taken", metric: "power", words: { kind: "gauge", unit: "W" } },
    ],
  },
  "latest.ts": { latestOf: (sql, of) => [sql, ids(of)] },
  "members.ts": {
    areSites: (sql, { site }) => [sql, [site]],
    actorOf: (sql, { member }) => [sql, { userId: member }],
  },
  "merge.ts": {
    redirectChannel: (sql, { organization, channel, otherChannel }) => [
      sql,
      organization,
      { fromId: Number(channel), intoId: Number(otherChannel), factor: 1, offset: 0 },
    ],
  },
  "meter-events.ts": {
    eventsOf: (sql, of) => [sql, ids(of), day],
    gapsOf: (sql, { channel }) => [sql, "organization", Number(channel), day],
    startsBefore: (sql, { channel }) => [sql, "organization", [{ channelId: Number(channel), ms: day.toMs }]],
  },
  "announce.ts": {
    announce: (sql, { organization: organizationId, export: exportId }) => [
      ...[sql, "export.failed", { exportId, error: "x" }],
      { organizationId },
    ],
  },
  "webhooks.ts": { deliverSoon: (sql, { organization, delivery }) => [sql, organization, delivery] },
  "meters.ts": { metersOf: (sql, { site }) => [sql, site], virtualMetersOf: (sql, { site }) => [sql, site] },
  "quarter-means.ts": { quarterMeansOf: (sql, of) => [sql, ids(of), stretch] },
  "quarters.ts": { quartersOf: (sql, of) => [sql, ids(of), stretch] },
  "readings.ts": {
    readingsWithin: (sql, { channel }) => [sql, Number(channel), { ...day, limit: 100 }],
    statesWithin: (sql, { channel }) => [sql, Number(channel), { ...day, limit: 100 }],
    lastReadings: (sql, { channel }) => [sql, Number(channel), { beforeMs: null, limit: 100 }],
    readingsAroundRange: (sql, { channel }) => [sql, Number(channel), day],
    extentOf: (sql, of) => [sql, ids(of)],
    firstReadingAfter: (sql, { channel }) => [sql, Number(channel), 0],
  },
  "roll-anew.ts": { rollAnew: (sql, { channel }) => [sql, { channelId: Number(channel) }] },
  "roll-up.ts": { shapeGauges: (sql, { channel }) => [sql, Number(channel)] },
  "sites.ts": { siteOf: (sql, { site }) => [sql, site] },
  "rollup-sums.ts": { energyOf: (sql, of) => [sql, ids(of), [{ startMs: day.fromMs, endMs: day.toMs }]] },
  "rollups.ts": { bucketsOf: (sql, of) => [sql, ids(of), day.fromMs, day.toMs] },
};

interface Asked {
  sql: Sql;
  userId: string;
  theirUserId: string;
  ids: RouteIds;
}

/** In the context of a person who is no member of the first organization. */
export const ofPerson: Record<string, Record<string, (asked: Asked) => unknown[]>> = {
  "account.ts": { getAccount: ({ userId }) => [userId] },
  "audit.ts": { accountLog: ({ userId }) => [userId, { before: null, limit: 100 }] },
  "accounts.ts": {
    membershipsOf: ({ userId }) => [userId],
    membershipAtSite: ({ userId, ids }) => [userId, ids.site],
    sessionsOf: ({ userId }) => [userId],
    endOwnSession: ({ userId }) => [userId, "session of another"],
  },
  "account-tokens.ts": {
    issueToken: ({ sql, theirUserId }) => [
      sql,
      theirUserId,
      { hash: "x", purpose: "reset-password", email: null, expiresAt: new Date() },
    ],
    takeToken: ({ sql }) => [sql, "x", "reset-password"],
  },
  "invitations.ts": { acceptInvitation: ({ userId }) => [userId, "an invitation of another"] },
  "members.ts": { leaveOrganization: ({ userId, ids }) => [userId, ids.organization] },
  "organization.ts": {
    foundOrganization: ({ userId }) => [
      userId,
      { name: "x", site: { name: "x", timezone: "UTC", currency: "EUR", pricePerKwh: null } },
    ],
  },
  "two-factor.ts": { getTwoFactor: ({ userId }) => [userId] },
  // Who runs the platform alone is answered, and may not go in without consent.
  "platform.ts": {
    isPlatformAdmin: ({ userId }) => [userId],
    listOrganizations: ({ userId }) => [userId, { search: "", limit: 100, offset: 0 }],
    listPlans: ({ userId }) => [userId],
    savePlan: ({ userId }) => [
      userId,
      { name: "free", title: "Taken", devices: 1, channels: 1, members: 1, readingsPerDay: 1, retentionDays: 1 },
    ],
    setPlan: ({ userId, ids }) => [userId, ids.organization, "unlimited"],
    listProcesses: ({ userId }) => [userId],
    queueByTask: ({ userId }) => [userId],
    failedJobs: ({ userId }) => [userId],
    retryJob: ({ userId }) => [userId, 1],
    mailHealth: ({ userId }) => [userId],
    retryMail: ({ userId }) => [userId, "00000000-0000-4000-8000-000000000000"],
    databaseHealth: ({ userId }) => [userId],
  },
  "support-access.ts": {
    enterForSupport: ({ userId, ids }) => [userId, ids.organization],
    leaveSupport: ({ userId, ids }) => [userId, ids.organization],
  },
};
