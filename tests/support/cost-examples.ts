/** A valid call, and one that is refused, of each operation about money: for tests/integration/api-operations.test.ts. */
interface CostIds {
  site: string;
  contract: string;
  /** Of the contract: it has one more. */
  version: string;
  billCheck: string;
}

interface CostExample {
  path: (ids: CostIds) => string;
  body?: (ids: CostIds) => object | string;
  /** A body that is refused. */
  wrong?: object;
  wrongField?: string;
}

export const tariff = {
  name: "Flat",
  currency: "EUR",
  components: [
    { type: "energy", price: "0.32" },
    { type: "standing", amount: "9.90", per: "month" },
  ],
};
export const printed = {
  ...{ fromDay: "2026-03-01", toDay: "2026-04-01", total: "12.34" },
  items: [{ component: "energy", name: "Energy", quantity: "7", unitPrice: "0.33", amount: "2.31" }],
};

/** The day so many days ago, in UTC. */
const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

export const costExamples: Record<string, CostExample> = {
  listTariffs: { path: () => "/tariffs?limit=2" },
  listContracts: { path: ({ site }) => `/sites/${site}/contracts` },
  createContract: {
    path: ({ site }) => `/sites/${site}/contracts`,
    body: () => ({ name: "Heat", validFrom: "2026-01-01", tariff }),
    wrong: { name: "Heat", validFrom: "2026-02-30", tariff },
    wrongField: "validFrom",
  },
  getContract: { path: ({ contract }) => `/contracts/${contract}` },
  updateContract: {
    path: ({ contract }) => `/contracts/${contract}`,
    body: () => ({ name: "Power", endsOn: "2027-01-01" }),
    wrong: { endsOn: "soon" },
    wrongField: "endsOn",
  },
  putContractVersion: {
    path: ({ contract }) => `/contracts/${contract}/versions`,
    body: () => ({ validFrom: "2026-06-01", tariff, note: "new prices" }),
    wrong: { validFrom: "2026-06-01", tariff: { ...tariff, components: [{ type: "energy", price: "cheap" }] } },
    wrongField: "tariff",
  },
  listBills: { path: ({ site }) => `/sites/${site}/bills?from=2026-03-01&to=2026-04-01&limit=1` },
  listPastVersions: { path: ({ contract }) => `/contracts/${contract}/past-versions?limit=2` },
  listBillingPeriods: { path: ({ contract }) => `/contracts/${contract}/billing-periods?limit=2` },
  summarizeCosts: { path: ({ site }) => `/sites/${site}/costs/summary?from=${dayBefore(2)}&to=${dayBefore(-1)}` },
  getBill: { path: ({ contract }) => `/contracts/${contract}/bill?from=2026-03-01&to=2026-04-01` },
  explainBillLine: {
    path: ({ contract }) => `/contracts/${contract}/bill/lines/0?from=${dayBefore(3)}&to=${dayBefore(-1)}`,
  },
  explainSiteBillLine: {
    path: ({ site, contract }) => `/sites/${site}/bills/${contract}/lines/0?from=${dayBefore(3)}&to=${dayBefore(-1)}`,
  },
  explainCostDifference: {
    path: ({ site }) => `/sites/${site}/costs/difference?from=${dayBefore(2)}&to=${dayBefore(0)}&compare=previous`,
  },
  explainRankedLine: {
    path: ({ site }) => `/sites/${site}/compare/why`,
    body: ({ contract }) => ({ library: ["de-flat"], contracts: [contract], of: "de-flat", component: "energy" }),
    wrong: { library: ["de-flat"], of: "de-flat", component: 7 },
    wrongField: "component",
  },
  explainSimulatedLine: {
    path: ({ site }) => `/sites/${site}/simulate/why`,
    body: () => ({
      ...{ tariff, battery: { capacityKwh: 8, chargeKw: 4, dischargeKw: 4 } },
      ...{ of: "with", component: "energy", rate: null },
    }),
    wrong: { tariff, of: "before", component: "energy" },
    wrongField: "of",
  },
  compareTariffs: {
    path: ({ site }) => `/sites/${site}/compare`,
    body: ({ contract }) => ({ library: ["de-flat"], contracts: [contract], tariffs: [tariff] }),
    wrong: { library: "de-flat" },
    wrongField: "library",
  },
  simulate: {
    path: ({ site }) => `/sites/${site}/simulate`,
    body: () => ({ tariff, battery: { capacityKwh: 8, chargeKw: 4, dischargeKw: 4 }, investment: "8000" }),
    wrong: { battery: { capacityKwh: -1, chargeKw: 4, dischargeKw: 4 } },
    wrongField: "battery.capacityKwh",
  },
  getDemand: { path: ({ site }) => `/sites/${site}/demand` },
  listBillChecks: { path: ({ site }) => `/sites/${site}/bill-checks` },
  createBillCheck: {
    path: ({ contract }) => `/contracts/${contract}/bill-checks`,
    body: () => printed,
    wrong: { ...printed, total: "much" },
    wrongField: "total",
  },
  getBillCheck: { path: ({ billCheck }) => `/bill-checks/${billCheck}` },
  updateBillCheck: {
    path: ({ billCheck }) => `/bill-checks/${billCheck}`,
    body: () => ({ total: "12.40", note: "bill 4711" }),
    wrong: { fromDay: "soon" },
    wrongField: "fromDay",
  },
  deleteBillCheck: { path: ({ billCheck }) => `/bill-checks/${billCheck}` },
  withdrawContractVersion: { path: ({ contract, version }) => `/contracts/${contract}/versions/${version}` },
  deleteContract: { path: ({ contract }) => `/contracts/${contract}` },
};
