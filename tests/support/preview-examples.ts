import { tariff } from "./cost-examples.ts";

/** Calls of what the pages show of use, and of what a change would change: for tests/integration/api-operations.test.ts. */
interface PreviewIds {
  site: string;
  device: string;
  channel: string;
  correction: string;
}

interface PreviewExample {
  path: (ids: PreviewIds) => string;
  body?: (ids: PreviewIds) => object;
  wrong?: object;
  wrongField?: string;
}

const day = "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z";

export const previewExamples: Record<string, PreviewExample> = {
  getUsage: { path: ({ site }) => `/sites/${site}/usage?from=2026-03-01&to=2026-03-02&by=device` },
  getEmissions: { path: ({ site }) => `/sites/${site}/emissions?${day}` },
  explainSite: { path: ({ site }) => `/sites/${site}/explain?${day}` },
  listMessages: { path: ({ device }) => `/devices/${device}/messages` },
  putMapping: {
    path: ({ device }) => `/devices/${device}/mapping`,
    body: () => ({ map: { "meter.total": "energy.import:kWh:counter" } }),
    wrong: { map: { "meter.total": "energy.import:furlong:counter" } },
    wrongField: "map",
  },
  previewCorrection: {
    path: ({ channel }) => `/channels/${channel}/corrections/preview`,
    body: () => ({ what: "scale", from: "2026-03-01T00:00:00Z", to: "2026-03-01T00:02:00Z", factor: 3 }),
    wrong: { what: "scale", from: "2026-03-01T00:00:00Z", to: "2026-03-01T00:02:00Z" },
    wrongField: "factor",
  },
  previewUndo: { path: ({ correction }) => `/corrections/${correction}/undo` },
  previewChannel: {
    path: ({ channel }) => `/channels/${channel}/preview`,
    body: () => ({ unit: "kW" }),
    wrong: { unit: "furlong" },
    wrongField: "unit",
  },
  previewFormula: {
    path: ({ site }) => `/sites/${site}/formula-preview`,
    body: ({ channel }) => ({ formula: `c${channel} * 2` }),
    wrong: { formula: "c1 +" },
    wrongField: "formula",
  },
  previewBill: {
    path: ({ site }) => `/sites/${site}/bill-preview`,
    body: () => ({ tariff }),
    wrong: { tariff, channelId: "x" },
    wrongField: "channelId",
  },
  previewTimezone: {
    path: ({ site }) => `/sites/${site}/timezone-preview`,
    body: () => ({ timezone: "America/New_York" }),
    wrong: { timezone: "Mars" },
    wrongField: "timezone",
  },
};
