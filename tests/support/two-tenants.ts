import type pg from "pg";
import type { CreatedOrganization } from "../../cli/org.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { apiTenant } from "./api-tenant.ts";
import type { RouteIds } from "./route-access.ts";
import { makeTenant, openTestDatabase, type OpenDatabase } from "./tenants.ts";

/** Two organizations; the first has one of everything, with names that can be found again in whatever is answered. */
export interface TwoTenants {
  db: OpenDatabase;
  theirs: CreatedOrganization;
  ids: RouteIds;
  /** The other organization, and what it has. */
  own: CreatedOrganization;
  ownIds: RouteIds;
  /** Texts that only the first one knows. */
  markers: string[];
  /** Of those, what is not at `ids.emptySite`. */
  houseMarkers: string[];
}

export async function makeTwoTenants(): Promise<TwoTenants> {
  const db = await openTestDatabase();
  const theirs = await makeTenant("first", "Europe/Berlin");
  const own = await makeTenant("second");
  const furnished = async (made: CreatedOrganization): Promise<RouteIds> => ({
    ...(await apiTenant(db.owner, made)),
    organization: made.organizationId,
  });
  const [ids, ownIds] = [await furnished(theirs), await furnished(own)];
  while ((await rollUpOnce()) > 0);
  await nameAll(db.owner, theirs.organizationId, ids.emptySite);
  const { rows } = await db.owner.query<{ id: string }>(
    "select distinct organization_id::text as id from energy.sites where organization_id <> $1",
    [own.organizationId],
  );
  const uuids = Object.values(ids).filter((id) => id.length === 36);
  return {
    ...{ db, theirs, own, ids, ownIds },
    markers: ["kestrel", theirs.userId, ...rows.map(({ id }) => id), ...uuids],
    houseMarkers: [
      "kestrel-house",
      ids.device,
      ids.contract,
      ids.import,
      ids.billCheck,
      ids.link,
      ids.apiKey,
      ids.webhook,
    ],
  };
}

/** Everything of the organization that has a name gets one that nobody else has. */
async function nameAll(owner: pg.Client, organizationId: string, flat: string): Promise<void> {
  await owner.query(`
    update energy.organizations set name = 'kestrel-organization' where id = '${organizationId}';
    update auth.users set name = 'kestrel-person', email = 'kestrel-' || email
      where id in (select user_id from energy.memberships where organization_id = '${organizationId}');
    update energy.invitations set email = 'kestrel-' || email where organization_id = '${organizationId}';
    update energy.sites set name = case when id = '${flat}' then 'kestrel-flat' else 'kestrel-house' end
      where organization_id = '${organizationId}'`);
  for (const table of [
    "devices",
    "channels",
    "contracts",
    "virtual_meters",
    "meter_groups",
    "shared_links",
    "api_keys",
    "webhooks",
  ])
    await owner.query(
      `update energy.${table} set name = 'kestrel-house ' || coalesce(name, 'channel') where organization_id = $1`,
      [organizationId],
    );
}

/** What changes by looking: when a key or a session was used. */
const volatile = ["last_used_at", "last_seen_at"];

/** A hash of an organization's rows by table, to be compared: what is not the same was changed. */
export async function fingerprint(owner: pg.Client, organizationId: string): Promise<Record<string, string>> {
  const { rows } = await owner.query<{ name: string; way: string }>(`
    select format('%I.%I', table_schema, table_name) as name, min(column_name) filter (where column_name in ('organization_id', 'device_id', 'channel_id')) as way
    from information_schema.columns join pg_class on oid = format('%I.%I', table_schema, table_name)::regclass
    where table_schema in ('energy', 'telemetry') and relkind in ('r', 'p') and not relispartition group by 1
    having bool_or(column_name = 'organization_id') or bool_or(column_name in ('device_id', 'channel_id'))`);
  const ways: Record<string, string> = {
    organization_id: "organization_id = $1",
    device_id: "device_id in (select id from energy.devices where organization_id = $1)",
    channel_id: "channel_id in (select id from energy.channels where organization_id = $1)",
  };
  const found: Record<string, string> = {};
  for (const { name, way } of [...rows, { name: "energy.organizations", way: "id" }]) {
    const { columns } = (
      await owner.query<{ columns: string[] }>(
        "select array_agg(attname::text) as columns from pg_attribute where attrelid = $1::regclass and attnum > 0",
        [name],
      )
    ).rows[0]!;
    const where = columns.includes("organization_id") ? ways["organization_id"]! : (ways[way] ?? "id = $1");
    const { rows: hashed } = await owner.query<{ hash: string }>(
      `select count(*) || ' ' || md5(coalesce(string_agg(row, ' ' order by row), '')) as hash
       from (select (to_jsonb(t) - $2::text[])::text as row from ${name} t where ${where}) x`,
      [organizationId, volatile],
    );
    found[name] = hashed[0]!.hash;
  }
  return found;
}
