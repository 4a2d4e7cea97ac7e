-- What registers did besides counting up: the events of the rules of energy, found by the roll-up with the buckets. An event is
-- also where the reading of a register can be taken up again: docs/decisions/0010.
create table telemetry.meter_events (
  channel_id int4 not null, time timestamptz not null,
  type text not null check (type in ('jitter', 'glitch', 'rollover', 'reset', 'replacement', 'pending')),
  -- In the channel's unit: the level before, the first wrong or new value, what the jump counted, what it adds to last minus first.
  before float8 not null, after float8 not null, counted float8 not null, added float8 not null,
  -- The reading that decided it; from when on the register is plain again; until when a reading can make it another event.
  confirmed_at timestamptz, plain_from timestamptz not null, settled_at timestamptz not null,
  range float8 not null, by_person boolean not null,
  primary key (channel_id, time)
);
-- Those that a change at an instant can reach.
create index meter_events_reach_idx on telemetry.meter_events (channel_id, greatest(plain_from, settled_at));

-- Stretches of registers whose energy was estimated. Their shape depends on the four weeks before (start), so a change there
-- is a change here; and none of their buckets may teach a profile.
create table telemetry.estimated_gaps (
  channel_id int4 not null, start timestamptz not null, "end" timestamptz not null,
  primary key (channel_id, start)
);

-- What is learned of a day: besides the interval the number of differences it is the median of, and the pace of a register's own
-- rises (units per hour, as stored); and the readings that it was learned from.
alter table telemetry.cadence
  add column differences int4 not null default 0,
  add column pace float8,
  add column sampled_from timestamptz not null default '-infinity',
  add column paced_to timestamptz;
update telemetry.cadence set differences = 3 where interval_s is not null;

grant select, insert, update, delete on telemetry.meter_events, telemetry.estimated_gaps to energy_system;

create view energy.channel_events with (security_barrier) as
  select e.* from telemetry.meter_events e join energy.channels c on c.id = e.channel_id
  where c.organization_id = energy.current_organization();

create view energy.channel_estimated_gaps with (security_barrier) as
  select g.* from telemetry.estimated_gaps g join energy.channels c on c.id = g.channel_id
  where c.organization_id = energy.current_organization();

create or replace view energy.channel_cadence with (security_barrier) as
  select k.channel_id, k.day, k.interval_s, k.differences, k.pace from telemetry.cadence k join energy.channels c on c.id = k.channel_id
  where c.organization_id = energy.current_organization();

grant select on energy.channel_events, energy.channel_estimated_gaps to energy_organization;

-- A channel's stored events and gaps are part of what is read anew, too: what lies outside its readings must go.
create or replace function energy.mark_channel_dirty(p_channel int4) returns void
  language sql security definer set search_path = pg_catalog as $$
  insert into telemetry.dirty (channel_id, from_time, to_time)
  select c.id, least(r.first, p.first, b.first, d.first, e.first), greatest(r.last, p.last, b.last, d.last, e.last)
  from energy.channels c,
    lateral (select min(time) as first, max(time) as last from telemetry.readings where channel_id = c.id) r,
    lateral (select min(first_time) as first, max(last_time) as last from telemetry.reading_days where channel_id = c.id) p,
    lateral (select min(start) as first, max(start) as last from telemetry.rollup_buckets where channel_id = c.id) b,
    lateral (select min(day)::timestamp at time zone 'UTC' as first,
               (max(day) + 1)::timestamp at time zone 'UTC' - interval '1 microsecond' as last
             from telemetry.rollup_days where channel_id = c.id) d,
    lateral (select min(time) as first, max(time) as last from telemetry.meter_events where channel_id = c.id) e
  where c.id = p_channel and coalesce(r.first, p.first, b.first, d.first, e.first) is not null
    and (energy.current_organization() is null or c.organization_id = energy.current_organization())
$$;

-- The time of the reading after `p_count` others from an instant on; null: there are not so many, or not within two days where
-- they are packed (whoever asks then reads on to the end).
-- In plpgsql, which keeps its plans: planned anew for each channel it would cost a millisecond.
create function telemetry.time_ahead(p_channel int4, p_time timestamptz, p_count int) returns timestamptz language plpgsql stable as $$
declare v_time timestamptz;
begin
  if exists (select from telemetry.reading_days d
      where d.channel_id = p_channel and d.day >= (p_time at time zone 'UTC')::date and d.last_time >= p_time) then
    v_time := telemetry.time_from(p_channel, p_time);
    return (select max(t.time) from telemetry.times_from(p_channel, v_time, v_time + interval '2 days', p_count + 1) t
      having count(*) = p_count + 1);
  end if;
  return (select r.time from telemetry.readings r
    where r.channel_id = p_channel and r.time >= p_time order by r.time offset p_count limit 1);
end $$;
revoke execute on function telemetry.time_ahead(int4, timestamptz, int) from public;
grant execute on function telemetry.time_ahead(int4, timestamptz, int) to energy_system;

-- Registers that were read before their events were told apart are read anew, behind what is live.
insert into telemetry.dirty (channel_id, from_time, to_time, due_at)
select c.id, least(r.first, p.first), greatest(r.last, p.last), now()
from energy.channels c,
  lateral (select min(time) as first, max(time) as last from telemetry.readings where channel_id = c.id) r,
  lateral (select min(first_time) as first, max(last_time) as last from telemetry.reading_days where channel_id = c.id) p
where c.kind = 'counter' and coalesce(r.first, p.first) is not null;
