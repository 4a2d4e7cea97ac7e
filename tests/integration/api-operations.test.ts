import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../app/api/catalogue.server.ts";
import { openApiDocument } from "../../app/api/openapi.server.ts";
import type { Operation } from "../../app/api/operation.server.ts";
import { ProblemSchema } from "../../app/api/schemas.server.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { createApiKey } from "../../db/api-keys.ts";
import { apiWith, type Answer, type Call } from "../support/api.ts";
import { addChannel, makeTenant, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

/** Every line of the API's table, held to the same promises. A new line needs a valid call here. */
interface Ids {
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
  virtualMeter: string;
  group: string;
}

let db: OpenDatabase;
let anna: CreatedOrganization;
let ben: CreatedOrganization;
let ids: { anna: Ids; ben: Ids };
let asAnna: Call;
let readOnly: Call;
const at = Date.UTC(2026, 2, 1);

/** The same id for everything that has one. */
const allAs = (id: string, channel = id): Ids => ({
  ...{ virtualMeter: id === channel ? id : `v${channel}`, group: channel },
  ...{
    site: id,
    emptySite: id,
    device: id,
    gateway: id,
    heard: id,
    unwanted: id,
    twin: id,
    import: id,
    correction: id,
  },
  ...{ contract: id, version: id, channel, otherChannel: channel },
});
const unknown = allAs("00000000-0000-4000-8000-000000000000", "2147483647");

interface Example {
  path: (ids: Ids) => string;
  body?: (ids: Ids) => object | string;
  /** A body that is refused. */
  wrong?: object;
  wrongField?: string;
}

const file = "time,power\n2026-03-01 00:00,5\n";
const tariff = {
  name: "Flat",
  currency: "EUR",
  components: [
    { type: "energy", price: "0.32" },
    { type: "standing", amount: "9.90", per: "month" },
  ],
};
const window = "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00%2B01:00";
const examples: Record<string, Example> = {
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
    body: () => ({ name: "House", pricePerKwh: "0.32" }),
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
  listSeries: { path: ({ channel }) => `/channels/${channel}/series?step=hour&${window}` },
  listCorrections: { path: ({ channel }) => `/channels/${channel}/corrections?limit=2` },
  createCorrection: {
    path: ({ channel }) => `/channels/${channel}/corrections`,
    body: () => ({ what: "exclude", from: "2026-03-01T00:01:00Z", to: "2026-03-01T00:02:00Z", reason: "tested" }),
    wrong: { what: "judge", at: "2026-03-01T00:01:00Z", as: "reset" },
    wrongField: "what",
  },
  getCorrection: { path: ({ correction }) => `/corrections/${correction}` },
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
  startImport: {
    path: (ids) => `/imports/${ids.import}/start`,
    body: () => ({ timezone: "Europe/Berlin" }),
    wrong: { timezone: "Europe/Nowhere" },
    wrongField: "timezone",
  },
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
  getBill: { path: ({ contract }) => `/contracts/${contract}/bill?from=2026-03-01&to=2026-04-01` },
  withdrawContractVersion: { path: ({ contract, version }) => `/contracts/${contract}/versions/${version}` },
  deleteContract: { path: ({ contract }) => `/contracts/${contract}` },
  cancelImport: { path: (ids) => `/imports/${ids.import}` },
  deleteChannel: { path: ({ channel }) => `/channels/${channel}` },
  deleteDevice: { path: ({ device }) => `/devices/${device}` },
};

const rank = ({ id }: Operation) => Object.keys(examples).indexOf(id);

/** Deletions last: the others need what they remove. */
const inOrder = [...operations].sort((a, b) => rank(a) - rank(b));

beforeAll(async () => {
  db = await openTestDatabase();
  [anna, ben] = [await makeTenant("anna", "Europe/Berlin"), await makeTenant("ben")];
  asAnna = apiWith(anna.apiKey);
  ids = { anna: await furnish(anna), ben: await furnish(ben) };
  await createApiKey(anna.organizationId, { name: "reader", hash: sha256("reader"), scopes: ["read"] });
  readOnly = apiWith("reader");
});

afterAll(() => db.close());

async function furnish({ organizationId, siteId, apiKey }: CreatedOrganization): Promise<Ids> {
  const call = apiWith(apiKey);
  const emptySite = (await call("POST", "/sites", { name: "Empty", timezone: "UTC", currency: "EUR" })).body.id;
  const device = (await call("POST", "/devices", { name: "Meter", siteId })).body.id;
  const readings = [0, 1, 2, 3].map((i): [number, number] => [at + i * 60_000, 1000 + i]);
  const channel = await addChannel(db.owner, {
    organizationId,
    deviceId: device,
    metric: "power",
    direction: "both",
    readings,
  });
  await db.owner.query(
    "insert into telemetry.rejects values ($1, now(), 'malformed', 3, now(), 'no JSON', 'http', 'POST /x', '{')",
    [device],
  );
  const gateway = (await call("POST", "/devices", { name: "Gateway", siteId, kind: "gateway" })).body.id;
  const otherChannel = await addChannel(db.owner, {
    ...{ organizationId, deviceId: device, metric: "power.later", direction: "both", readings },
  });
  const [heard, unwanted, twin] = [await spokenFor(gateway, "a"), await spokenFor(gateway, "b"), await spokenFor(gateway, "c")]; // prettier-ignore
  await addChannel(db.owner, { organizationId, deviceId: heard, metric: "power", readings });
  const announced = await call("POST", "/imports", { deviceId: device, fileName: "day.csv", size: file.length });
  const correction = { what: "scale", from: "2026-03-01T00:02:00Z", to: "2026-03-01T00:03:00Z", factor: 2 };
  const corrected = await call("POST", `/channels/${channel}/corrections`, correction);
  const entered = { name: "Power", validFrom: "2026-01-01", tariff };
  const contract = (await call("POST", `/sites/${siteId}/contracts`, entered)).body.id;
  const later = { validFrom: "2026-02-01", tariff };
  const version = (await call("POST", `/contracts/${contract}/versions`, later)).body.versions[1].id;
  const formula = `c${channel}`;
  const virtualMeter = (await call("POST", "/virtual-meters", { siteId, name: "Twice", formula })).body.id;
  const group = (await call("POST", "/groups", { siteId, name: "Cellar" })).body.id;
  return {
    ...{ contract, version },
    ...{ virtualMeter, group },
    ...{ site: siteId, emptySite, device, gateway, heard, unwanted, twin, import: announced.body.id },
    correction: corrected.body.id,
    ...{ channel: String(channel), otherChannel: String(otherChannel) },
  };
}

async function spokenFor(gatewayId: string, name: string): Promise<string> {
  const { rows } = await db.owner.query<{ id: string }>(
    `insert into energy.devices (organization_id, site_id, name, external_id, gateway_id, accepted_at)
     select organization_id, site_id, $2, $2, id, null from energy.devices where id = $1 returning id`,
    [gatewayId, name],
  );
  return rows[0]!.id;
}

function isProblem({ status, headers, body }: Answer, expected: number): void {
  expect(status).toBe(expected);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(ProblemSchema.strict().parse(body)).toMatchObject({ status: expected, type: "about:blank" });
}

const call = (by: Call, { id, method }: Operation, whose: Ids, body = examples[id]!.body?.(whose)) =>
  by(method, examples[id]!.path(whose), body);

describe.each(inOrder.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
  "%s",
  (_name, operation) => {
    const example = examples[operation.id];
    const isOwned = operation.path.includes("{") || /[?&](site|device)Id=/.test(example?.path(unknown) ?? "");

    test("has an example", () => expect(example).toBeDefined());

    test("is refused without a key, with one that is unknown, and without the scope", async () => {
      for (const by of [apiWith(null), apiWith("ek_unknown")]) {
        const answer = await call(by, operation, ids.anna);
        isProblem(answer, 401);
        expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
      }
      if (operation.scope !== "read") isProblem(await call(readOnly, operation, ids.anna), 403);
    });

    if (isOwned)
      test("answers another organization's id as one that does not exist", async () => {
        const [theirs, nobodys] = [await call(asAnna, operation, ids.ben), await call(asAnna, operation, unknown)];
        isProblem(theirs, 404);
        expect(theirs.body).toEqual(nobodys.body);
        for (const id of ["x", "0", "%00", "-1", "99999999999"]) {
          const path = examples[operation.id]!.path(allAs(id));
          isProblem(await asAnna(operation.method, path, examples[operation.id]!.body?.(ids.anna)), 404);
        }
      });

    test("refuses what it does not know", async () => {
      const path = example!.path(ids.anna);
      const answer = await asAnna(
        operation.method,
        `${path}${path.includes("?") ? "&" : "?"}nonsense=1`,
        example!.body?.(ids.anna),
      );
      isProblem(answer, 400);
      expect(answer.body.errors).toEqual([{ path: "nonsense", message: "there is no such field here" }]);
    });

    if (operation.body)
      test("refuses a body that is wrong, and names the field", async () => {
        const answer = await call(asAnna, operation, ids.anna, example!.wrong);
        isProblem(answer, 400);
        expect(answer.body.errors.map((e: { path: string }) => e.path)).toContain(example!.wrongField);
        isProblem(
          await call(asAnna, operation, ids.anna, {
            ...(example!.body?.(ids.anna) as object | undefined),
            nonsense: 1,
          }),
          400,
        );
        for (const body of ["", "{", "[]", "null", '"x"', "1"])
          isProblem(await asAnna(operation.method, example!.path(ids.anna), body), 400);
      });

    test("does what it says", async () => {
      const { status, headers, body } = await call(asAnna, operation, ids.anna);
      expect(body === null ? status : { status, body }).toEqual(
        operation.response ? { status: operation.status, body } : 204,
      );
      expect(headers.get("cache-control")).toBe("no-store");
      // Parsing drops what the schema does not have: nothing undeclared goes out.
      if (operation.response) expect(operation.response.parse(body)).toEqual(body);
      if (!operation.location) return;
      const made = await asAnna("GET", headers.get("location")!.replace("/api/v1", ""));
      expect(made.body).toMatchObject({ id: body.id, ...(body.name !== undefined && { name: body.name }) });
    });
  },
);

describe("the OpenAPI document", () => {
  const document = JSON.parse(JSON.stringify(openApiDocument("https://energy.example/api/v1")));

  test("is served, and says where it is", async () => {
    const answer = await apiWith(null)("GET", "/openapi.json");
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...document, servers: [{ url: "http://energy.test/api/v1" }] });
    expect(answer.body.openapi).toBe("3.1.0");
  });

  test("has every operation, and the way in for readings", () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const wanted = [...operations.map(({ method, path }) => `${method} ${path}`), "POST /readings"];
    expect(described.sort()).toEqual(wanted.sort());
  });

  test("every reference leads somewhere, every operation has its own id", () => {
    const references = JSON.stringify(document)
      .match(/"#\/[^"]+"/g)!
      .map((text) => JSON.parse(text).slice(2).split("/"));
    for (const parts of references) {
      expect(
        parts.reduce((at: Record<string, unknown>, part: string) => at?.[part], document),
        parts.join("/"),
      ).toBeDefined();
    }
    const operationIds = operations.map(({ id }) => id);
    expect(new Set(operationIds).size).toBe(operationIds.length);
  });
});
