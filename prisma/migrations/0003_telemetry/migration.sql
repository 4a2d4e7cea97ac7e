-- Telemetry: the wide rivers. No tenant column and no row-level security here (compression forbids it): the web's role has
-- no rights on this schema and reads through the security-barrier views at the end, which join energy.channels.
create schema telemetry;
grant usage on schema telemetry to energy_system;

-- One row says which engine this database was made for. Installing TimescaleDB later changes nothing by itself.
create table telemetry.engine (
  one boolean primary key default true check (one),
  name text not null check (name in ('timescaledb', 'native')),
  decided_at timestamptz not null default now()
);

do $$
begin
  if exists (select from pg_available_extensions where name = 'timescaledb') then
    create extension if not exists timescaledb;
    insert into telemetry.engine (name) values ('timescaledb');
  else
    insert into telemetry.engine (name) values ('native');
  end if;
end $$;

-- The value is kept as it was decoded; channels.scale and shift make it canonical when it is read.
do $$
begin
  if (select name from telemetry.engine) = 'timescaledb' then
    create table telemetry.readings (
      channel_id int4 not null, time timestamptz not null, value float8 not null, primary key (channel_id, time));
    perform create_hypertable('telemetry.readings', by_range('time', interval '7 days'), create_default_indexes => false);
  else
    create table telemetry.readings (
      channel_id int4 not null, time timestamptz not null, value float8 not null, primary key (channel_id, time))
      partition by range (time);
  end if;
end $$;

-- Makes the monthly partitions that hold [p_from, p_to]; nothing to do on TimescaleDB. Answers how many were made.
create function telemetry.ensure_partitions(p_from timestamptz, p_to timestamptz) returns int
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_month timestamptz := date_trunc('month', p_from, 'UTC');
  v_name text;
  v_made int := 0;
begin
  if (select name from telemetry.engine) = 'timescaledb' then return 0; end if;
  if p_to > now() + interval '1 year' or p_from < '1970-01-01Z' then
    raise exception 'partitions are made from 1970 to one year ahead, not for % to %', p_from, p_to;
  end if;
  while v_month <= p_to loop
    v_name := 'readings_' || to_char(v_month at time zone 'UTC', 'YYYY_MM');
    if to_regclass('telemetry.' || v_name) is null then
      perform pg_advisory_xact_lock(hashtext('telemetry.ensure_partitions'));
      if to_regclass('telemetry.' || v_name) is null then
        execute format('create table if not exists telemetry.%I partition of telemetry.readings for values from (%L) to (%L)',
          v_name, v_month, (v_month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
        v_made := v_made + 1;
      end if;
    end if;
    v_month := (v_month at time zone 'UTC' + interval '1 month') at time zone 'UTC';
  end loop;
  return v_made;
end $$;

select telemetry.ensure_partitions(now() - interval '1 month', now() + interval '2 months');

create table telemetry.states (
  channel_id int4 not null, time timestamptz not null, value text not null, primary key (channel_id, time));

-- The newest reading of every channel by its own time, not by arrival.
create table telemetry.latest (
  channel_id int4 primary key, time timestamptz not null, value float8, text text, received_at timestamptz not null
) with (fillfactor = 50);

-- The roll-up's queue. A mark is inserted in the readings' own transaction and deleted in the roll-up's: they never lock
-- each other and no wake-up is lost. No index: it is read whole, in batches.
create table telemetry.dirty (
  channel_id int4 not null, from_time timestamptz not null, to_time timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- 15-minute UTC buckets: recent ones as rows (cheap to change), older days packed (cheap to read). db/rollups.ts hides which.
create table telemetry.rollup_buckets (
  channel_id int4 not null, start timestamptz not null,
  energy_kwh float8 not null, reverse_kwh float8 not null, estimated_kwh float8 not null, estimated_reverse_kwh float8 not null,
  covered_s float8 not null, mean float8, min float8, max float8, count int4 not null, last float8,
  primary key (channel_id, start)
) with (fillfactor = 80);

create table telemetry.rollup_days (
  channel_id int4 not null, day date not null,
  energy_kwh float8[] not null, reverse_kwh float8[], estimated_kwh float8[], estimated_reverse_kwh float8[],
  covered_s float8[] not null, mean float8[], min float8[], max float8[], count int4[] not null, last float8[],
  primary key (channel_id, day)
);

-- The learned interval of a channel, one version a UTC day: what the day's first readings say, or the last ones before.
create table telemetry.cadence (
  channel_id int4 not null, day date not null, interval_s float8, sampled_to timestamptz not null,
  primary key (channel_id, day));

-- What was refused: counted by reason and hour, with the newest example.
create table telemetry.rejects (
  device_id uuid not null, hour timestamptz not null, reason text not null, count int8 not null,
  last_at timestamptz not null, detail text not null, transport text not null, address text not null, sample text not null,
  primary key (device_id, hour, reason));

-- The last few messages of a device as they came, with what was understood of them (a ring of slots).
create table telemetry.messages (
  device_id uuid not null, slot int2 not null, received_at timestamptz not null, transport text not null, address text not null,
  payload text not null, format text, readings jsonb not null, refusals jsonb not null,
  primary key (device_id, slot));

-- What a decoder must remember between messages of one credential's device.
create table telemetry.decoder_states (
  device_id uuid not null, format text not null, state jsonb not null, updated_at timestamptz not null default now(),
  primary key (device_id, format));

grant select, insert, update, delete on all tables in schema telemetry to energy_system;
revoke execute on all functions in schema telemetry from public;
grant execute on function telemetry.ensure_partitions(timestamptz, timestamptz) to energy_system;

-- What the web may see -------------------------------------------------------------------------------------------------
create view energy.channel_readings with (security_barrier) as
  select r.channel_id, r.time, r.value * c.scale + c.shift as value
  from telemetry.readings r join energy.channels c on c.id = r.channel_id
  where c.organization_id = energy.current_organization();

create view energy.channel_states with (security_barrier) as
  select s.channel_id, s.time, s.value
  from telemetry.states s join energy.channels c on c.id = s.channel_id
  where c.organization_id = energy.current_organization();

create view energy.channel_latest with (security_barrier) as
  select l.channel_id, l.time, l.value * c.scale + c.shift as value, l.text, l.received_at
  from telemetry.latest l join energy.channels c on c.id = l.channel_id
  where c.organization_id = energy.current_organization();

create view energy.channel_rollup_buckets with (security_barrier) as
  select b.* from telemetry.rollup_buckets b join energy.channels c on c.id = b.channel_id
  where c.organization_id = energy.current_organization();

create view energy.channel_rollup_days with (security_barrier) as
  select d.* from telemetry.rollup_days d join energy.channels c on c.id = d.channel_id
  where c.organization_id = energy.current_organization();

create view energy.channel_cadence with (security_barrier) as
  select k.channel_id, k.day, k.interval_s from telemetry.cadence k join energy.channels c on c.id = k.channel_id
  where c.organization_id = energy.current_organization();

create view energy.device_rejects with (security_barrier) as
  select r.* from telemetry.rejects r join energy.devices d on d.id = r.device_id
  where d.organization_id = energy.current_organization();

create view energy.device_messages with (security_barrier) as
  select m.* from telemetry.messages m join energy.devices d on d.id = m.device_id
  where d.organization_id = energy.current_organization();

grant select on energy.channel_readings, energy.channel_states, energy.channel_latest, energy.channel_rollup_buckets,
  energy.channel_rollup_days, energy.channel_cadence, energy.device_rejects, energy.device_messages to energy_organization;

-- A person corrected what a channel is: all that is stored of it is read anew.
create function energy.mark_channel_dirty(p_channel int4) returns void
  language sql security definer set search_path = pg_catalog as $$
  insert into telemetry.dirty (channel_id, from_time, to_time)
  select c.id, r.first, r.last
  from energy.channels c,
    lateral (select min(time) as first, max(time) as last from telemetry.readings where channel_id = c.id) r
  where c.id = p_channel and r.first is not null
    and (energy.current_organization() is null or c.organization_id = energy.current_organization())
$$;
revoke execute on function energy.mark_channel_dirty(int4) from public;
grant execute on function energy.mark_channel_dirty(int4) to energy_organization, energy_system;
