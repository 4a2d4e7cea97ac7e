-- A person corrected what a channel is: all that is stored of it is read anew. That is more than the stretch of its readings:
-- amounts of intervals had energy before the first of them, and what is no longer said must go.
create or replace function energy.mark_channel_dirty(p_channel int4) returns void
  language sql security definer set search_path = pg_catalog as $$
  insert into telemetry.dirty (channel_id, from_time, to_time)
  select c.id, least(r.first, b.first, d.first), greatest(r.last, b.last, d.last)
  from energy.channels c,
    lateral (select min(time) as first, max(time) as last from telemetry.readings where channel_id = c.id) r,
    lateral (select min(start) as first, max(start) as last from telemetry.rollup_buckets where channel_id = c.id) b,
    lateral (select min(day)::timestamp at time zone 'UTC' as first,
               (max(day) + 1)::timestamp at time zone 'UTC' - interval '1 microsecond' as last
             from telemetry.rollup_days where channel_id = c.id) d
  where c.id = p_channel and coalesce(r.first, b.first, d.first) is not null
    and (energy.current_organization() is null or c.organization_id = energy.current_organization())
$$;
