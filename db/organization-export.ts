import type { Readable } from "node:stream";
import { to as copyTo } from "pg-copy-streams";
import { systemPool } from "./as-system.ts";
import { isUuid } from "./client.ts";
import { notExported, organizationTables, type OrganizationTable } from "./organization-tables.ts";

/** A channel whose readings are a file of the export. */
export interface ExportedChannel {
  id: number;
  /** Of the first and the last reading, ISO 8601; null: there is none. */
  from: string | null;
  to: string | null;
  hasEnergy: boolean;
}

/** All of an organization at one instant. The streams are read one after the other: they share a connection. */
export interface OrganizationSnapshot {
  name: string;
  takenAt: Date;
  tables: { name: string; rows: number }[];
  channels: ExportedChannel[];
  /** A table's rows as JSON Lines, without secrets. */
  rows(table: string): Readable;
  /** What the numbered files are about, as CSV. */
  index(): Readable;
  /** CSV: time, value in the channel's unit and, where that is converted, the value as it was stored. */
  readings(channelId: number): Readable;
  /** CSV: quarter-hours as the roll-up has them. */
  energy(channelId: number): Readable;
}

/** Runs `work` on one read-only snapshot; writers go on meanwhile. null: there is no such organization. */
export async function withOrganizationSnapshot<T>(
  organizationId: string,
  work: (snapshot: OrganizationSnapshot) => Promise<T>,
): Promise<T | null> {
  if (!isUuid(organizationId)) return null;
  const client = await systemPool().connect();
  try {
    await client.query("begin isolation level repeatable read read only; set local statement_timeout = 0");
    const { rows } = await client.query<{ name: string; takenAt: Date }>(
      `select name, now() as "takenAt" from energy.organizations where id = $1`,
      [organizationId],
    );
    if (!rows[0]) return null;
    const all = (await organizationTables(client)).filter(({ name }) => !(name in notExported));
    const tables = new Map(all.map((table) => [table.name, rowsOf(table, organizationId)]));
    const counted: OrganizationSnapshot["tables"] = [];
    for (const [name, select] of tables) {
      const count = await client.query<{ n: number }>(`select count(*) as n from (${select}) t`);
      counted.push({ name, rows: count.rows[0]!.n });
    }
    const channels = await client.query<ExportedChannel>(channelsOf, [organizationId]);
    const copy = (select: string, form: string) => client.query(copyTo(`copy (${select}) to stdout (${form})`));
    return await work({
      ...rows[0],
      ...{ tables: counted, channels: channels.rows },
      rows: (table) => copy(tables.get(table)!, asTheyAre),
      index: () => copy(indexOf(organizationId), csv),
      readings: (channelId) => copy(readingsOf(channelId), csv),
      energy: (channelId) => copy(energyOf(channelId), csv),
    });
  } finally {
    // Nothing was changed; a COPY that was given up ends with its connection.
    client.release(true);
  }
}

const csv = "format csv, header";
/** A JSON text has no control character, so these never occur in it and it is written as it is. */
const asTheyAre = String.raw`format csv, quote e'\x01', delimiter e'\x02'`;

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** COPY takes no parameters: the id is one (isUuid), names are the catalogue's. */
function rowsOf({ name, key }: OrganizationTable, organizationId: string): string {
  const whose = {
    organization_id: `t.organization_id = '${organizationId}'`,
    id: `t.id = '${organizationId}'`,
    device_id: `t.device_id in (select id from energy.devices where organization_id = '${organizationId}')`,
    channel_id: `t.channel_id in (select id from energy.channels where organization_id = '${organizationId}')`,
  }[key];
  // Who belongs to it is told by address and name; the rest of an account is the person's.
  const person =
    name === "energy.memberships"
      ? ` || (select to_jsonb(m) from energy.members_of('${organizationId}') m where m.user_id = t.user_id)`
      : "";
  return `select (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(t)) where not audit.is_secret(key))${person}
    from ${name} t where ${whose}`;
}

const channelsOf = `
  select c.id, ${instant("telemetry.time_from(c.id, '-infinity')")} as "from", ${instant("telemetry.time_before(c.id, 'infinity')")} as "to",
    exists (select from telemetry.rollup_buckets b where b.channel_id = c.id)
      or exists (select from telemetry.rollup_days d where d.channel_id = c.id) as "hasEnergy"
  from energy.channels c where c.organization_id = $1 order by c.id`;

/** Names come from devices and people: what a spreadsheet would take for a formula gets an apostrophe, as in app/charts/csv.ts. */
const harmless = (column: string) =>
  String.raw`case when ${column} ~ '^\s*[=+\-@\t\r]' then '''' || ${column} else ${column} end`;

const indexOf = (organizationId: string) => `
  select c.id as channel, ${harmless("s.name")} as place, ${harmless("d.name")} as device, ${harmless("c.key")} as key,
    ${harmless("c.name")} as name, c.medium, c.quantity, c.kind, ${harmless("c.unit")} as unit, c.direction, c.role
  from energy.channels c join energy.devices d on d.id = c.device_id join energy.sites s on s.id = d.site_id
  where c.organization_id = '${organizationId}' order by c.id`;

// A year ahead of a clock is no reading: all there are lie in between.
const readingsOf = (channelId: number) => `
  select ${instant("r.time")} as time, r.value * c.scale + c.shift as value, case when c.scale <> 1 or c.shift <> 0 then r.value end as stored
  from energy.channels c cross join lateral telemetry.readings_between(c.id, '-infinity', 'infinity') r
  where c.id = ${Number(channelId)} order by r.time`;

const doubles = "energy_kwh reverse_kwh estimated_kwh estimated_reverse_kwh covered_s mean min max last".split(" ");
const columns = "energy_kwh, reverse_kwh, estimated_kwh, estimated_reverse_kwh, covered_s, mean, min, max, count, last";
/** What a column of a packed day says by being null. */
const always: Record<string, string> = { covered_s: "900", mean: "null", min: "null", max: "null", last: "null" };
const slots = (name: string) =>
  `coalesce(telemetry.float8s(${name}), array_fill(${always[name] ?? "0"}::float8, array[96])) as ${name}`;

const energyOf = (channelId: number) => `
  select ${instant("start")} as start, ${columns} from (
    select start, ${columns} from telemetry.rollup_buckets where channel_id = ${Number(channelId)}
    union all
    select d.day::timestamp at time zone 'UTC' + (u.slot - 1) * interval '15 minutes',
      ${columns.replaceAll(/\w+/g, "u.$&")}
    from (select day, ${doubles.map(slots).join(", ")}, coalesce(telemetry.int4s(count), array_fill(0, array[96])) as count
      from telemetry.rollup_days where channel_id = ${Number(channelId)}) d
    cross join lateral unnest(${columns.replaceAll(/\w+/g, "d.$&")}) with ordinality as u(${columns}, slot)
    where u.energy_kwh <> 0 or u.covered_s <> 0 or u.count <> 0
  ) b order by 1`;
