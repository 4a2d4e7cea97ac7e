import type pg from "pg";
import type { CreatedOrganization } from "../../cli/org.ts";
import { apiWith } from "./api.ts";
import { heldToDocument } from "./api-contract.ts";
import { file, type Ids } from "./api-examples.ts";
import { printed, tariff } from "./cost-examples.ts";
import { member as memberOf } from "./organization-members.ts";
import { addChannel } from "./tenants.ts";

const at = Date.UTC(2026, 2, 1);

/** Makes one of everything in an organization, by its API where that can, and says what has which id. */
export async function apiTenant(
  owner: pg.Client,
  { organizationId, siteId, apiKey }: CreatedOrganization,
): Promise<Ids> {
  const call = heldToDocument(apiWith(apiKey));
  const emptySite = (await call("POST", "/sites", { name: "Empty", timezone: "UTC", currency: "EUR" })).body.id;
  const device = (await call("POST", "/devices", { name: "Meter", siteId })).body.id;
  const readings = [0, 1, 2, 3].map((i): [number, number] => [at + i * 60_000, 1000 + i]);
  const channel = await addChannel(owner, {
    organizationId,
    deviceId: device,
    metric: "power",
    direction: "both",
    readings,
  });
  await owner.query(
    "insert into telemetry.rejects values ($1, now(), 'malformed', 3, now(), 'no JSON', 'http', 'POST /x', '{')",
    [device],
  );
  const gateway = (await call("POST", "/devices", { name: "Gateway", siteId, kind: "gateway" })).body.id;
  const otherChannel = await addChannel(owner, {
    ...{ organizationId, deviceId: device, metric: "power.later", direction: "both", readings },
  });
  // What tariffs are compared on: 1 kWh an hour over the last days.
  const lastHour = Math.floor(Date.now() / 3_600_000);
  await addChannel(owner, {
    ...{ organizationId, deviceId: device, metric: "energy.import", kind: "counter", quantity: "energy", unit: "kWh" },
    ...{ role: "grid_import", direction: "import", isPrimary: true, expectedIntervalS: 3600 },
    readings: Array.from({ length: 73 }, (_, i): [number, number] => [(lastHour - 72 + i) * 3_600_000, 1000 + i]),
  });
  const [heard, unwanted, twin] = [await spokenFor(owner, gateway, "a"), await spokenFor(owner, gateway, "b"), await spokenFor(owner, gateway, "c")]; // prettier-ignore
  await addChannel(owner, { organizationId, deviceId: heard, metric: "power", readings });
  const announced = await call("POST", "/imports", { deviceId: device, fileName: "day.csv", size: file.length });
  const correction = { what: "scale", from: "2026-03-01T00:02:00Z", to: "2026-03-01T00:03:00Z", factor: 2 };
  const corrected = await call("POST", `/channels/${channel}/corrections`, correction);
  const entered = { name: "Power", validFrom: "2026-01-01", tariff };
  const contract = (await call("POST", `/sites/${siteId}/contracts`, entered)).body.id;
  const later = { validFrom: "2026-02-01", tariff };
  const version = (await call("POST", `/contracts/${contract}/versions`, later)).body.versions[1].id;
  const billCheck = (await call("POST", `/contracts/${contract}/bill-checks`, printed)).body.id;
  const formula = `c${channel}`;
  const virtualMeter = (await call("POST", "/virtual-meters", { siteId, name: "Twice", formula })).body.id;
  const apiKeyMade = (await call("POST", "/api-keys", { name: "Logger", scopes: ["read"] })).body.id;
  const { userId: member } = await memberOf(owner, { organizationId, siteId }, { role: "viewer" });
  const invited = (await call("POST", "/invitations", { email: "guest@example.org", role: "viewer" })).body.id;
  await owner.query("update energy.invitations set sent_at = now() - interval '2 minutes'");
  const link = (await call("POST", "/links", { siteId, name: "The roof", what: "overview" })).body.id;
  const told = { name: "Home", url: "https://home.example/energy", events: ["device.silent"] };
  const webhook = (await call("POST", "/webhooks", told)).body.id;
  const delivery = (await call("POST", `/webhooks/${webhook}/test`)).body.id;
  const exported = await finishedExport(owner, organizationId);
  const group = (await call("POST", "/groups", { siteId, name: "Cellar" })).body.id;
  return {
    export: exported,
    ...{ contract, version, billCheck, virtualMeter, group, apiKey: apiKeyMade, member, invitation: invited, link },
    ...{ site: siteId, emptySite, device, gateway, heard, unwanted, twin, import: announced.body.id },
    ...{ correction: corrected.body.id, webhook, delivery },
    ...{ channel: String(channel), otherChannel: String(otherChannel) },
  };
}

async function spokenFor(owner: pg.Client, gatewayId: string, name: string): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into energy.devices (organization_id, site_id, name, external_id, gateway_id, accepted_at)
     select organization_id, site_id, $2, $2, id, null from energy.devices where id = $1 returning id`,
    [gatewayId, name],
  );
  return rows[0]!.id;
}

/** A file of four bytes that waits to be fetched. */
async function finishedExport(owner: pg.Client, organizationId: string): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    `with made as (
       insert into energy.exports (organization_id, state, size, expires_at) values ($1, 'done', 4, now() + interval '1 day')
       returning id, organization_id)
     , chunk as (insert into energy.export_chunks (export_id, number, organization_id, bytes)
       select id, 0, organization_id, 'PK..' from made)
     select id from made`,
    [organizationId],
  );
  return rows[0]!.id;
}
