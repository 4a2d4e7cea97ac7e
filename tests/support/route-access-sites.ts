import { tariff } from "./cost-examples.ts";
import type { RouteAccess } from "./route-access.ts";

/** The routes of a site: a part of tests/support/route-access.ts. */

const day = { from: "1772323200000", to: "1772409600000" };
const window = `from=${day.from}&to=${day.to}`;
const reads: RouteAccess = { loader: "site.read" };
const version = { name: "Power", medium: "electricity", validFrom: "2026-07-01", tariff: JSON.stringify(tariff) };
const home = { name: "Cabin", timezone: "UTC", currency: "EUR" };

const money: Record<string, RouteAccess> = {
  "sites.$siteId.contracts._index.tsx": reads,
  "sites.$siteId.contracts.new.tsx": {
    loader: "contract.change",
    action: {
      make: {
        needs: "contract.change",
        form: ({ channel }) => ({ ...version, channel }),
        harmless: () => ({ name: "" }),
      },
    },
  },
  "sites.$siteId.contracts.preview.ts": { action: { preview: { needs: "site.read", body: () => "{}" } } },
  "sites.$siteId.contracts.$contractId._index.tsx": {
    loader: "site.read",
    action: {
      change: { needs: "contract.change", form: () => ({ intent: "change", name: "" }) },
      withdraw: {
        needs: "contract.change",
        form: (ids) => ({ intent: "withdraw", version: ids.version }),
        harmless: () => ({ intent: "withdraw", version: "" }),
      },
      delete: { needs: "contract.change", form: () => ({ intent: "delete" }), harmless: () => ({ intent: "none" }) },
    },
  },
  "sites.$siteId.contracts.$contractId.bill._index.tsx": reads,
  "sites.$siteId.contracts.$contractId.bill.why.ts": { loader: "site.read", search: () => "line=0" },
  "sites.$siteId.contracts.$contractId.bill[.]csv.ts": reads,
  "sites.$siteId.contracts.$contractId.version.tsx": {
    loader: "contract.change",
    action: { put: { needs: "contract.change", form: () => version, harmless: () => ({ tariff: "" }) } },
  },
  "sites.$siteId.costs._index.tsx": reads,
  "sites.$siteId.costs.bill.ts": reads,
  "sites.$siteId.costs[.]csv.ts": reads,
  "sites.$siteId.costs.difference.ts": { loader: "site.read", search: () => "by=previous" },
  "sites.$siteId.costs.what-if.tsx": reads,
  "sites.$siteId.costs.what-if_.why.ts": { loader: "site.read", search: () => "of=with&component=energy" },
  "sites.$siteId.costs.compare.tsx": {
    loader: "site.read",
    action: { compare: { needs: "site.read", form: ({ contract }) => ({ contract, library: "" }) } },
  },
  "sites.$siteId.costs.compare_.why.ts": {
    action: { why: { needs: "site.read", form: ({ contract }) => ({ of: contract, component: "energy" }) } },
  },
  "sites.$siteId.costs.checks._index.tsx": reads,
  "sites.$siteId.costs.checks.enter.tsx": {
    loader: "bill.check",
    search: ({ contract }) => `contract=${contract}`,
    action: {
      enter: {
        needs: "bill.check",
        form: ({ contract, billCheck }) => ({
          contract,
          check: billCheck,
          from: "2026-03-01",
          to: "2026-03-31",
          total: "1",
        }),
        harmless: () => ({ from: "" }),
      },
    },
  },
  "sites.$siteId.costs.checks.$checkId.tsx": {
    loader: "site.read",
    action: { delete: { needs: "bill.check", also: [404] } },
  },
};

const devices: Record<string, RouteAccess> = {
  "sites.$siteId.devices._index.tsx": reads,
  "sites.$siteId.devices.new.tsx": {
    loader: "device.change",
    action: { make: { needs: "device.change", form: () => ({ name: "Plug" }), harmless: () => ({ name: "" }) } },
  },
  "sites.$siteId.devices.inbox.tsx": {
    loader: "site.read",
    action: {
      all: {
        needs: "device.change",
        form: () => ({ intent: "accept-all" }),
        harmless: ({ heard }) => ({ intent: "accept", device: heard, name: " " }),
      },
      ignore: {
        needs: "device.change",
        form: ({ unwanted }) => ({ intent: "ignore", device: unwanted }),
        harmless: ({ heard }) => ({ intent: "none", device: heard }),
      },
    },
  },
  "sites.$siteId.devices.$deviceId._index.tsx": reads,
  "sites.$siteId.devices.$deviceId.arrivals.ts": reads,
  "sites.$siteId.devices.$deviceId.corrections.ts": {
    action: {
      undo: {
        needs: "channel.change",
        form: ({ channel, correction }) => ({ intent: "undo", channel, correction }),
        harmless: ({ channel, correction }) => ({ intent: "preview-undo", channel, correction }),
      },
      save: {
        needs: "channel.change",
        form: ({ channel }) => ({
          intent: "save",
          channel,
          what: "exclude",
          from: "2026-03-01T00:01",
          to: "2026-03-01T00:02",
        }),
        harmless: ({ channel }) => ({ intent: "save", channel, what: "exclude" }),
      },
    },
  },
  "sites.$siteId.devices.$deviceId.explain.ts": {
    loader: "site.read",
    search: ({ channel }) => `channel=${channel}&${window}`,
  },
  "sites.$siteId.devices.$deviceId.health.tsx": reads,
  "sites.$siteId.devices.$deviceId.mapping.tsx": {
    loader: "site.read",
    action: { save: { needs: "device.change", form: () => ({ "map.x": "furlong" }) } },
  },
  "sites.$siteId.devices.$deviceId.merge.tsx": {
    loader: "device.change",
    search: ({ twin }) => `into=${twin}`,
    action: {
      merge: {
        needs: "device.change",
        form: ({ twin }) => ({ into: twin }),
        harmless: () => ({ into: "" }),
        also: [404],
      },
    },
  },
  "sites.$siteId.devices.$deviceId.move.tsx": {
    loader: "device.change",
    search: ({ gateway }) => `to=${gateway}`,
    action: {
      move: {
        needs: "device.change",
        form: ({ gateway }) => ({ to: gateway }),
        harmless: () => ({ to: "" }),
        also: [404],
      },
    },
  },
  "sites.$siteId.devices.$deviceId.readings.ts": { loader: "site.read", search: ({ channel }) => `channel=${channel}` },
  "sites.$siteId.devices.$deviceId.replace.tsx": {
    loader: "device.change",
    search: ({ twin }) => `device=${twin}`,
    action: {
      replace: {
        needs: "device.change",
        form: ({ twin }) => ({ device: twin, by: "device", id: twin }),
        harmless: () => ({}),
        also: [404],
      },
    },
  },
  "sites.$siteId.devices.$deviceId.series.ts": { loader: "site.read", search: ({ channel }) => `channel=${channel}` },
  "sites.$siteId.devices.$deviceId.settings.tsx": {
    loader: "site.read",
    action: {
      change: { needs: "device.change", form: ({ emptySite }) => ({ intent: "change", name: "", siteId: emptySite }) },
      decoder: { needs: "device.change", form: () => ({ intent: "decoder", timezone: "Nowhere" }) },
      gateway: { needs: "device.change", form: () => ({ intent: "gateway" }) },
      rotate: { needs: "device.credential", form: () => ({ intent: "rotate" }) },
      revoke: { needs: "device.credential", form: () => ({ intent: "revoke" }) },
      delete: { needs: "device.delete", form: () => ({ intent: "delete", confirm: "" }) },
    },
  },
  "sites.$siteId.devices.$deviceId.setup.tsx": {
    loader: "site.read",
    action: { choose: { needs: "device.change", form: () => ({ hardware: "none" }) } },
  },
};

const atSite: Record<string, RouteAccess> = {
  "sites.$siteId.tsx": reads,
  "sites.$siteId._index.tsx": reads,
  "sites.$siteId.explain.ts": { loader: "site.read", search: () => window },
  "sites.$siteId.flows._index.tsx": reads,
  "sites.$siteId.flows[.]csv.ts": { ...reads, search: () => "chart=flows" },
  "sites.$siteId.import._index.tsx": { loader: "history.import" },
  "sites.$siteId.import.announce.ts": {
    action: {
      announce: {
        needs: "history.import",
        form: ({ device }) => ({ device, fileName: "a.csv", size: "3" }),
        harmless: () => ({ fileName: "a.csv", size: "0" }),
      },
    },
  },
  "sites.$siteId.import.$importId._index.tsx": {
    loader: "history.import",
    action: {
      cancel: { needs: "history.import", form: () => ({ intent: "cancel" }), harmless: () => ({ intent: "look" }) },
    },
  },
  "sites.$siteId.import.$importId.chunks.$number.ts": {
    action: { put: { needs: "history.import", body: () => "abc" } },
  },
  "sites.$siteId.import.$importId.refusals.ts": { loader: "history.import" },
  "sites.$siteId.live.ts": reads,
  "sites.$siteId.meters._index.tsx": {
    loader: "site.read",
    action: {
      place: {
        needs: "channel.change",
        form: ({ channel, otherChannel }) => ({ intent: "place", meter: `c${channel}`, parent: `c${otherChannel}` }),
        harmless: () => ({ intent: "place", meter: "" }),
      },
      "delete-virtual": {
        needs: "channel.change",
        form: ({ virtualMeter }) => ({ intent: "delete-virtual", id: virtualMeter.slice(1) }),
        harmless: () => ({ intent: "delete-virtual", id: "" }),
      },
      "delete-group": {
        needs: "channel.change",
        form: ({ group }) => ({ intent: "delete-group", id: group }),
        harmless: () => ({ intent: "delete-group", id: "" }),
      },
    },
  },
  "sites.$siteId.meters.preview.ts": {
    loader: "site.read",
    search: ({ channel }) => `formula=c${channel}&medium=electricity`,
  },
  "sites.$siteId.overview[.]csv.ts": { ...reads, search: () => "chart=days" },
  "sites.$siteId.settings.tsx": {
    loader: "site.read",
    action: {
      site: { needs: "site.change", form: () => ({ ...home, name: "" }) },
      channel: {
        needs: "channel.change",
        form: ({ channel }) => ({ intent: "channel", channel, name: "Taken", unit: "kW" }),
        harmless: ({ channel }) => ({ intent: "channel", channel, unit: "furlong" }),
      },
    },
  },
  "sites.$siteId.usage._index.tsx": reads,
  "sites.$siteId.usage[.]csv.ts": { ...reads, search: () => "chart=shares&by=device" },
};

export const siteRoutes: Record<string, RouteAccess> = { ...money, ...devices, ...atSite };
