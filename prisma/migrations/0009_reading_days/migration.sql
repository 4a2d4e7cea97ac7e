-- How readings lie (docs/decisions/0011): rows that answer from their index alone, and packed days for what is older than a week.

-- A channel's readings lie apart in the table, as they came, but side by side in its key: with the value in it, a day is read
-- from some eighty pages instead of thousands.
alter table telemetry.readings drop constraint readings_pkey;
alter table telemetry.readings add constraint readings_pkey primary key (channel_id, time) include (value);

-- Only what a vacuum has seen can be answered from the index alone; one for every few minutes' arrivals costs little, because
-- it looks at new pages only.
do $$
declare
  v_table regclass;
begin
  if (select name from telemetry.engine) = 'timescaledb' then
    alter table telemetry.readings set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000);
  else
    for v_table in select inhrelid::regclass from pg_inherits where inhparent = 'telemetry.readings'::regclass loop
      execute format('alter table %s set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000)', v_table);
    end loop;
  end if;
end $$;

create or replace function telemetry.ensure_partitions(p_from timestamptz, p_to timestamptz) returns int
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
        execute format('create table if not exists telemetry.%I partition of telemetry.readings for values from (%L) to (%L)
            with (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000)',
          v_name, v_month, (v_month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
        v_made := v_made + 1;
      end if;
    end if;
    v_month := (v_month at time zone 'UTC' + interval '1 month') at time zone 'UTC';
  end loop;
  return v_made;
end $$;

-- A channel's UTC day, packed. Reading i (from 0) has the time
--   first_time + i * step_us + tick_us * (gaps[1] + ... + gaps[i])  microseconds,   gaps null: all as long as the step,
-- and the value (first_whole + changes[1] + ... + changes[i]) / divisor, or plain[i + 1] where no decimal divisor is exact.
-- The arrays are as narrow as their numbers allow. db/reading-days.ts packs; a row of telemetry.readings wins over its packed one.
create table telemetry.reading_days (
  channel_id int4 not null, day date not null,
  first_time timestamptz not null, last_time timestamptz not null, count int4 not null,
  step_us int8 not null, tick_us int4 not null, gaps int2[], wide_gaps int8[],
  divisor int4, first_whole int8, changes int2[], wide_changes int8[], plain float8[],
  primary key (channel_id, day)
) with (toast_tuple_target = 128);
-- Compressed, but where they are if they fit: a year of quarter-hours is then one stretch of pages.
alter table telemetry.reading_days
  alter gaps set storage main, alter wide_gaps set storage main, alter changes set storage main,
  alter wide_changes set storage main, alter plain set storage main;

-- The readings of a packed day. Whole numbers below 2^53 add up exactly in float8, and one division rounds as it did when packed.
create function telemetry.unpack(d telemetry.reading_days) returns table ("time" timestamptz, value float8)
  language sql immutable as $$
  select d.first_time + (coalesce((u.i - 1) * d.step_us + d.tick_us * sum(u.gap) over past, 0)) * interval '1 microsecond',
    case when d.divisor is null then u.plain else (d.first_whole + coalesce(sum(u.change) over past, 0)) / d.divisor end
  from unnest(
    array_prepend(0, coalesce(d.gaps::float8[], d.wide_gaps::float8[], array_fill(0::float8, array[d.count - 1]))),
    array_prepend(0, coalesce(d.changes::float8[], d.wide_changes::float8[])), d.plain) with ordinality as u(gap, change, plain, i)
  window past as (order by u.i rows unbounded preceding)
$$;

-- All readings of a channel in [p_from, p_to], ascending.
create function telemetry.readings_between(p_channel int4, p_from timestamptz, p_to timestamptz)
  returns table ("time" timestamptz, value float8) language sql stable as $$
  select distinct on (x.time) x.time, x.value from (
    select r.time, r.value, 0 as rank from telemetry.readings r where r.channel_id = p_channel and r.time between p_from and p_to
    union all
    select u.time, u.value, 1 from telemetry.reading_days d cross join lateral telemetry.unpack(d) u
    where d.channel_id = p_channel and d.first_time <= p_to and d.last_time >= p_from
      and d.day between (p_from at time zone 'UTC')::date and (p_to at time zone 'UTC')::date and u.time between p_from and p_to
  ) x order by x.time, x.rank
$$;

-- Times of the last p_count readings before an instant.
create function telemetry.times_before(p_channel int4, p_time timestamptz, p_count int) returns table ("time" timestamptz)
  language sql stable as $$
  with stored as materialized (
    select r.time from telemetry.readings r where r.channel_id = p_channel and r.time < p_time order by r.time desc limit p_count
  ), missing as (
    select case when count(*) < p_count then '-infinity' else min(s.time) end as since from stored s
  ), days as (
    select d, sum(case when d.last_time < p_time then d.count else 0 end) over (order by d.day desc) - d.count as newer
    from telemetry.reading_days d, missing
    where d.channel_id = p_channel and d.day <= (p_time at time zone 'UTC')::date and d.first_time < p_time and d.last_time > missing.since
    order by d.day desc limit p_count
  )
  select s.time from stored s
  union
  (select u.time from days cross join lateral telemetry.unpack(days.d) u where days.newer < p_count and u.time < p_time)
  order by 1 desc limit p_count
$$;

-- Times of the first p_count readings in [p_from, p_to).
create function telemetry.times_from(p_channel int4, p_from timestamptz, p_to timestamptz, p_count int) returns table ("time" timestamptz)
  language sql stable as $$
  -- The end is asked for last: with both ends the planner expects a handful of rows, and sorts all that there are.
  (select r.time from (
     select time from telemetry.readings where channel_id = p_channel and time >= p_from order by time limit p_count) r
   where r.time < p_to)
  union
  (select u.time from telemetry.reading_days d cross join lateral telemetry.unpack(d) u
   where d.channel_id = p_channel and d.day between (p_from at time zone 'UTC')::date and (p_to at time zone 'UTC')::date
     and u.time >= p_from and u.time < p_to order by u.time limit p_count)
  order by 1 limit p_count
$$;

-- The time of the last reading before an instant; null: there is none. A packed day is only unpacked where the instant is in it.
create function telemetry.time_before(p_channel int4, p_time timestamptz) returns timestamptz language sql stable as $$
  select greatest(
    (select r.time from telemetry.readings r where r.channel_id = p_channel and r.time < p_time order by r.time desc limit 1),
    (select case when d.last_time < p_time then d.last_time
       else (select max(u.time) from telemetry.unpack(d) u where u.time < p_time) end
     from telemetry.reading_days d
     where d.channel_id = p_channel and d.day <= (p_time at time zone 'UTC')::date and d.first_time < p_time order by d.day desc limit 1))
$$;

-- The time of the first reading at an instant or after it; null: there is none.
create function telemetry.time_from(p_channel int4, p_time timestamptz) returns timestamptz language sql stable as $$
  select least(
    (select r.time from telemetry.readings r where r.channel_id = p_channel and r.time >= p_time order by r.time limit 1),
    (select case when d.first_time >= p_time then d.first_time
       else (select min(u.time) from telemetry.unpack(d) u where u.time >= p_time) end
     from telemetry.reading_days d
     where d.channel_id = p_channel and d.day >= (p_time at time zone 'UTC')::date and d.last_time >= p_time order by d.day limit 1))
$$;

-- Gives back the room of what was packed: partitions (chunks) that end before an instant and have no rows left. One that is in
-- use stays until the next time. Answers how many.
create function telemetry.release_emptied(p_before timestamptz) returns int
  language plpgsql security definer set search_path = pg_catalog set lock_timeout = '200ms' as $$
declare
  v_part record;
  v_is_empty boolean;
  v_released int := 0;
begin
  if (select name from telemetry.engine) = 'timescaledb' then
    for v_part in
      select format('%I.%I', chunk_schema, chunk_name)::regclass as part, range_start, range_end
      from timescaledb_information.chunks
      where hypertable_schema = 'telemetry' and hypertable_name = 'readings' and range_end <= p_before
    loop
      begin
        execute format('select not exists (select from %s)', v_part.part) into v_is_empty;
        continue when not v_is_empty;
        execute format('lock table %s in access exclusive mode', v_part.part);
        execute format('select not exists (select from %s)', v_part.part) into v_is_empty;
        continue when not v_is_empty;
        execute 'select ' || (select extnamespace::regnamespace from pg_extension where extname = 'timescaledb')
          || '.drop_chunks(''telemetry.readings'', older_than => $1, newer_than => $2)' using v_part.range_end, v_part.range_start;
        v_released := v_released + 1;
      exception when lock_not_available then null;
      end;
    end loop;
  else
    for v_part in
      select inhrelid::regclass as part from pg_inherits join pg_class c on c.oid = inhrelid
      where inhparent = 'telemetry.readings'::regclass and pg_relation_size(inhrelid) > 0
        and (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' <= p_before
    loop
      begin
        execute format('select not exists (select from %s)', v_part.part) into v_is_empty;
        continue when not v_is_empty;
        execute format('lock table %s in access exclusive mode', v_part.part);
        execute format('select not exists (select from %s)', v_part.part) into v_is_empty;
        continue when not v_is_empty;
        execute format('truncate %s', v_part.part);
        v_released := v_released + 1;
      exception when lock_not_available then null;
      end;
    end loop;
  end if;
  return v_released;
end $$;

grant select, insert, update, delete on telemetry.reading_days to energy_system;
revoke execute on function telemetry.unpack(telemetry.reading_days), telemetry.readings_between(int4, timestamptz, timestamptz),
  telemetry.times_before(int4, timestamptz, int), telemetry.times_from(int4, timestamptz, timestamptz, int),
  telemetry.time_before(int4, timestamptz), telemetry.time_from(int4, timestamptz),
  telemetry.release_emptied(timestamptz) from public;
grant execute on function telemetry.unpack(telemetry.reading_days), telemetry.readings_between(int4, timestamptz, timestamptz),
  telemetry.times_before(int4, timestamptz, int), telemetry.times_from(int4, timestamptz, timestamptz, int),
  telemetry.time_before(int4, timestamptz), telemetry.time_from(int4, timestamptz),
  telemetry.release_emptied(timestamptz) to energy_system;
-- Inside the view below it runs as who asks; it reads nothing by itself.
grant execute on function telemetry.unpack(telemetry.reading_days) to energy_organization;

-- What the web may see. The fast way is db/readings.ts, by the first two; the third has all, for any other question.
create view energy.channel_reading_rows with (security_barrier) as
  select r.channel_id, r.time, r.value * c.scale + c.shift as value
  from telemetry.readings r join energy.channels c on c.id = r.channel_id
  where c.organization_id = energy.current_organization();

create view energy.channel_reading_days with (security_barrier) as
  select d.*, c.scale, c.shift
  from telemetry.reading_days d join energy.channels c on c.id = d.channel_id
  where c.organization_id = energy.current_organization();

create or replace view energy.channel_readings with (security_barrier) as
  select r.channel_id, r.time, r.value * c.scale + c.shift as value
  from telemetry.readings r join energy.channels c on c.id = r.channel_id
  where c.organization_id = energy.current_organization()
  union all
  select d.channel_id, u.time, u.value * c.scale + c.shift
  from telemetry.reading_days d join energy.channels c on c.id = d.channel_id cross join lateral telemetry.unpack(d) u
  where c.organization_id = energy.current_organization()
    and not exists (select from telemetry.readings r where r.channel_id = d.channel_id and r.time = u.time);

grant select on energy.channel_reading_rows, energy.channel_reading_days to energy_organization;

create or replace function energy.mark_channel_dirty(p_channel int4) returns void
  language sql security definer set search_path = pg_catalog as $$
  insert into telemetry.dirty (channel_id, from_time, to_time)
  select c.id, least(r.first, p.first, b.first, d.first), greatest(r.last, p.last, b.last, d.last)
  from energy.channels c,
    lateral (select min(time) as first, max(time) as last from telemetry.readings where channel_id = c.id) r,
    lateral (select min(first_time) as first, max(last_time) as last from telemetry.reading_days where channel_id = c.id) p,
    lateral (select min(start) as first, max(start) as last from telemetry.rollup_buckets where channel_id = c.id) b,
    lateral (select min(day)::timestamp at time zone 'UTC' as first,
               (max(day) + 1)::timestamp at time zone 'UTC' - interval '1 microsecond' as last
             from telemetry.rollup_days where channel_id = c.id) d
  where c.id = p_channel and coalesce(r.first, p.first, b.first, d.first) is not null
    and (energy.current_organization() is null or c.organization_id = energy.current_organization())
$$;
