-- Gateways' inboxes, devices over time, what waits for its announcement, and a device's health.

-- A device that a gateway was first heard to speak for waits in the inbox until a person accepts, merges or ignores it.
-- Its readings are kept from the first one on.
alter table energy.devices
  add column accepted_at timestamptz(6) default now(),
  add column ignored_at timestamptz(6),
  -- Merged into another device: what still arrives under its name goes there.
  add column merged_into uuid references energy.devices (id) on delete cascade;
update energy.devices set accepted_at = created_at;
create index devices_merged_into_idx on energy.devices (merged_into);

-- The password as brokers and encrypted formats need it: AES-256-GCM under a key made of APP_SECRET.
alter table energy.credentials add column password_sealed text;

alter table energy.channels
  add column phase text,
  add column tariff_register text,
  -- A reading outside these cannot be true and is refused.
  add column min_value double precision,
  add column max_value double precision,
  -- Replaced by another channel of the same device: what still arrives under its key goes there, as value x factor + offset.
  add column merged_into int references energy.channels (id) on delete cascade,
  add column merge_factor double precision not null default 1,
  add column merge_offset double precision not null default 0;
create index channels_merged_into_idx on energy.channels (merged_into);

-- Messages that wait: for their announcement (a birth, a unit), or for a person's mapping. Nothing of them is lost meanwhile.
create table telemetry.parked (
  id bigint generated always as identity primary key,
  device_id uuid not null,
  format text,
  awaits text not null,
  -- When it is taken as it is, if nothing comes; null: it waits until `expires_at`.
  take_at timestamptz,
  expires_at timestamptz not null,
  received_at timestamptz not null,
  -- topic, retain, method, path, query, headers
  envelope jsonb not null,
  payload bytea not null
);
create index parked_device on telemetry.parked (device_id, id);

-- What a device said in one hour, and how well.
create table telemetry.device_hours (
  device_id uuid not null, hour timestamptz not null,
  messages int8 not null, readings int8 not null, duplicates int8 not null,
  last_at timestamptz not null,
  -- Typical arrival minus the newest own time of a message, in milliseconds; null: no message carried a time.
  skew_ms float8,
  primary key (device_id, hour)
);

grant select, insert, update, delete on telemetry.parked, telemetry.device_hours to energy_system;

create view energy.device_parked with (security_barrier) as
  select p.id, p.device_id, p.format, p.awaits, p.received_at, p.envelope, p.payload
  from telemetry.parked p join energy.devices d on d.id = p.device_id
  where d.organization_id = energy.current_organization();

create view energy.device_hours with (security_barrier) as
  select h.* from telemetry.device_hours h join energy.devices d on d.id = h.device_id
  where d.organization_id = energy.current_organization();

grant select on energy.device_parked, energy.device_hours to energy_organization;
