-- The pace of each hour of a learned day, so that a new hour costs the look at that hour; null: not looked at one by one yet.
alter table telemetry.cadence add column hourly_paces float8[];

-- Events that are open for longer than a day: few, so that those open at an instant are found among a day's and these. What was
-- there before found every later event as well, of which a jittering register has millions.
create index meter_events_long_idx on telemetry.meter_events (channel_id, time)
  where case when greatest(plain_from, settled_at) = 'infinity' then true
    else greatest(plain_from, settled_at) - time > interval '24:00:00' end;
drop index telemetry.meter_events_reach_idx;

-- How long an organization keeps raw readings; no row, or null days: for ever. It holds from a day after it was chosen, and what
-- the nightly job did is written beside it.
create table energy.raw_retention (
  organization_id uuid primary key references energy.organizations (id) on delete cascade on update cascade,
  days int4 check (days between 35 and 36500),
  changed_at timestamptz(6) not null default now(),
  -- The last pass of the job: when, up to where, how many readings went in all passes, and how many channels it left for later.
  removed_at timestamptz(6),
  removed_before timestamptz(6),
  removed_readings int8 not null default 0,
  waiting_channels int4 not null default 0
);
alter table energy.raw_retention enable row level security;
create policy organization on energy.raw_retention to energy_organization
  using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization());
create policy system on energy.raw_retention to energy_system using (true) with check (true);
grant select, insert, update on energy.raw_retention to energy_organization, energy_system;

-- Buckets before this instant stay as they are: raw readings that they came of are gone. Null: none are. It only ever moves on.
alter table energy.channels add column frozen_before timestamptz(6);
