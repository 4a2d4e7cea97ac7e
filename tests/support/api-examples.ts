import { costExamples } from "./cost-examples.ts";
import { organizationExamples } from "./organization-examples.ts";
import { previewExamples } from "./preview-examples.ts";

/** A call of every operation of the API that is valid, and a body that is refused. */

/** What the calls speak of. */
export interface Ids {
  site: string;
  emptySite: string;
  device: string;
  channel: string;
  gateway: string;
  /** Devices that the gateway was heard to speak for. */
  heard: string;
  unwanted: string;
  twin: string;
  /** Of the device, like `channel`. */
  otherChannel: string;
  /** Three bytes of CSV are expected. */
  import: string;
  /** Of the channel. */
  correction: string;
  contract: string;
  /** Of the contract: it has one more. */
  version: string;
  billCheck: string;
  virtualMeter: string;
  group: string;
  apiKey: string;
  member: string;
  invitation: string;
  link: string;
  webhook: string;
  /** A test that was sent to the webhook. */
  delivery: string;
  /** Done, with a file. */
  export: string;
}

export interface Example {
  path: (ids: Ids) => string;
  body?: (ids: Ids) => object | string;
  /** A body that is refused. */
  wrong?: object;
  wrongField?: string;
}
export const file = "time,power\n2026-03-01 00:00,5\n";
const window = "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00%2B01:00";
export const examples: Record<string, Example> = {
  listSites: { path: () => "/sites?limit=2" },
  createSite: {
    path: () => "/sites",
    body: () => ({ name: "Cabin", timezone: "Europe/Oslo", currency: "NOK", pricePerKwh: 1.25 }),
    wrong: { name: "Cabin", timezone: "Europe/Nowhere", currency: "NOK" },
    wrongField: "timezone",
  },
  getSite: { path: ({ site }) => `/sites/${site}` },
  listCosts: { path: ({ site }) => `/sites/${site}/costs?step=day&${window}` },
  updateSite: {
    path: ({ site }) => `/sites/${site}`,
    body: () => ({ name: "House", pricePerKwh: "0.32", co2GPerKwh: 380 }),
    wrong: { pricePerKwh: "cheap" },
    wrongField: "pricePerKwh",
  },
  deleteSite: { path: ({ emptySite }) => `/sites/${emptySite}` },
  listDevices: { path: ({ site }) => `/devices?siteId=${site}` },
  createDevice: {
    path: () => "/devices",
    body: ({ site }) => ({ name: "Plug", siteId: site, kind: "gateway", config: { full_topic: "%prefix%/%topic%/" } }),
    wrong: { name: "" },
    wrongField: "name",
  },
  getDevice: { path: ({ device }) => `/devices/${device}` },
  updateDevice: {
    path: ({ device }) => `/devices/${device}`,
    body: ({ site }) => ({ name: "Meter", siteId: site }),
    wrong: { kind: "meter" },
    wrongField: "kind",
  },
  rotateCredential: { path: ({ device }) => `/devices/${device}/credential` },
  revokeCredential: { path: ({ device }) => `/devices/${device}/credential` },
  listRejects: { path: ({ device }) => `/devices/${device}/rejects` },
  listInbox: { path: ({ site }) => `/inbox?siteId=${site}` },
  acceptDevice: {
    path: ({ heard }) => `/devices/${heard}/accept`,
    body: () => ({ name: "Freezer" }),
    wrong: { name: "" },
    wrongField: "name",
  },
  ignoreDevice: { path: ({ unwanted }) => `/devices/${unwanted}/ignore` },
  followSite: { path: ({ site }) => `/sites/${site}/live` },
  getMapping: { path: ({ device }) => `/devices/${device}/mapping` },
  listMergeChoices: { path: ({ device }) => `/devices/${device}/merge-choices?limit=2` },
  previewMerge: { path: ({ device, twin }) => `/devices/${twin}/merge-preview?into=${device}` },
  listContinuations: { path: ({ device }) => `/devices/${device}/continuations?limit=2` },
  listPresences: { path: ({ site }) => `/sites/${site}/presences?limit=2` },
  getEndpoints: { path: ({ device }) => `/devices/${device}/endpoints` },
  getDeviceHealth: { path: ({ device }) => `/devices/${device}/health` },
  moveDevice: {
    path: ({ heard }) => `/devices/${heard}/move`,
    body: ({ gateway }) => ({ gatewayId: gateway }),
    wrong: { gatewayId: 7 },
    wrongField: "gatewayId",
  },
  mergeDevice: {
    path: ({ twin }) => `/devices/${twin}/merge`,
    body: ({ device }) => ({ into: device, isAnotherMeter: true }),
    wrong: { isAnotherMeter: "yes" },
    wrongField: "isAnotherMeter",
  },
  acceptInbox: {
    path: () => "/inbox/accept",
    body: ({ site }) => ({ siteId: site }),
    wrong: {},
    wrongField: "siteId",
  },
  listChannels: { path: ({ device }) => `/channels?deviceId=${device}` },
  getChannel: { path: ({ channel }) => `/channels/${channel}` },
  updateChannel: {
    path: ({ channel }) => `/channels/${channel}`,
    body: () => ({
      name: "Mains",
      unit: "kW",
      role: "grid_import",
      isPrimary: true,
      maxGapSeconds: 600,
      phase: "l1",
      tariffRegister: "t1",
      minValue: -5e3,
      maxValue: 2e4,
    }),
    wrong: { unit: "kWh" },
    wrongField: "unit",
  },
  continueChannel: {
    path: ({ channel }) => `/channels/${channel}/continue`,
    body: ({ otherChannel }) => ({ withChannelId: otherChannel, isAnotherMeter: true }),
    wrong: { withChannelId: 1 },
    wrongField: "withChannelId",
  },
  listReadings: { path: ({ channel }) => `/channels/${channel}/readings?${window}` },
  listNewestReadings: { path: ({ channel }) => `/channels/${channel}/readings/newest?limit=2` },
  listSeries: { path: ({ channel }) => `/channels/${channel}/series?step=hour&${window}` },
  listCorrections: { path: ({ channel }) => `/channels/${channel}/corrections?limit=2` },
  createCorrection: {
    path: ({ channel }) => `/channels/${channel}/corrections`,
    body: () => ({ what: "exclude", from: "2026-03-01T00:01:00Z", to: "2026-03-01T00:02:00Z", reason: "tested" }),
    wrong: { what: "judge", at: "2026-03-01T00:01:00Z", as: "reset" },
    wrongField: "what",
  },
  getCorrection: { path: ({ correction }) => `/corrections/${correction}` },
  ...previewExamples,
  undoCorrection: {
    path: ({ correction }) => `/corrections/${correction}/undo`,
    body: () => ({ reason: "was right" }),
    wrong: { reason: "x".repeat(501) },
    wrongField: "reason",
  },
  listEvents: { path: ({ channel }) => `/channels/${channel}/events?${window}` },
  explainChannel: { path: ({ channel }) => `/channels/${channel}/explain?limit=2&${window}` },
  listFlows: { path: ({ site }) => `/sites/${site}/flows?step=hour&${window}` },
  listVirtualMeters: { path: ({ site }) => `/virtual-meters?siteId=${site}` },
  createVirtualMeter: {
    path: () => "/virtual-meters",
    body: ({ site, channel }) => ({ siteId: site, name: "Half", formula: `c${channel} / 2`, role: "consumer" }),
    wrong: { name: "", formula: "c1" },
    wrongField: "name",
  },
  getVirtualMeter: { path: ({ virtualMeter }) => `/virtual-meters/${virtualMeter}` },
  updateVirtualMeter: {
    path: ({ virtualMeter }) => `/virtual-meters/${virtualMeter}`,
    body: ({ channel, group }) => ({ formula: `c${channel} * 2`, parentId: channel, groupId: group }),
    wrong: { parentId: "main" },
    wrongField: "parentId",
  },
  deleteVirtualMeter: { path: ({ virtualMeter }) => `/virtual-meters/${virtualMeter}` },
  listGroups: { path: ({ site }) => `/groups?siteId=${site}` },
  createGroup: {
    path: () => "/groups",
    body: ({ site }) => ({ siteId: site, name: "Attic" }),
    wrong: { name: "" },
    wrongField: "name",
  },
  getGroup: { path: ({ group }) => `/groups/${group}` },
  renameGroup: {
    path: ({ group }) => `/groups/${group}`,
    body: () => ({ name: "Wine cellar" }),
    wrong: { name: "" },
    wrongField: "name",
  },
  deleteGroup: { path: ({ group }) => `/groups/${group}` },
  listImports: { path: () => "/imports?limit=2" },
  createImport: {
    path: () => "/imports",
    body: ({ device }) => ({ deviceId: device, fileName: "year.csv", size: 1_000_001 }),
    wrong: { deviceId: "x", fileName: "year.csv", size: 0 },
    wrongField: "size",
  },
  getImport: { path: (ids) => `/imports/${ids.import}` },
  putImportChunk: { path: (ids) => `/imports/${ids.import}/chunks/0`, body: () => file },
  previewImport: { path: (ids) => `/imports/${ids.import}/preview?timezone=Europe/Berlin` },
  startImport: {
    path: (ids) => `/imports/${ids.import}/start`,
    body: () => ({ timezone: "Europe/Berlin" }),
    wrong: { timezone: "Europe/Nowhere" },
    wrongField: "timezone",
  },
  getRetention: { path: () => "/retention" },
  previewRetention: { path: () => "/retention/preview?days=400" },
  setRetention: {
    path: () => "/retention",
    body: () => ({ days: 400 }),
    wrong: { days: 3 },
    wrongField: "days",
  },
  listAuditEvents: { path: () => "/audit?who=anna&action=device.&from=2026-01-01T00:00:00Z&limit=2" },
  ...costExamples,
  createToken: { path: () => "/token" },
  listApiKeys: { path: () => "/api-keys?limit=2" },
  createApiKey: {
    path: () => "/api-keys",
    body: ({ site }) => ({
      ...{ name: "Balcony", scopes: ["read", "write"], siteIds: [site] },
      ...{ origins: ["https://energy.example"], expiresAt: "2100-01-01T00:00:00Z" },
    }),
    wrong: { name: "Balcony", scopes: ["read"], origins: ["https://energy.example/path"] },
    wrongField: "origins.0",
  },
  getApiKey: { path: ({ apiKey }) => `/api-keys/${apiKey}` },
  updateApiKey: {
    path: ({ apiKey }) => `/api-keys/${apiKey}`,
    body: () => ({ name: "Attic", origins: [], expiresAt: null }),
    wrong: { expiresAt: "2020-01-01T00:00:00Z" },
    wrongField: "expiresAt",
  },
  ...organizationExamples,
  revokeApiKey: { path: ({ apiKey }) => `/api-keys/${apiKey}` },
  cancelImport: { path: (ids) => `/imports/${ids.import}` },
  deleteChannel: { path: ({ channel }) => `/channels/${channel}` },
  deleteDevice: { path: ({ device }) => `/devices/${device}` },
};
