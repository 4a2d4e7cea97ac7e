-- A person's word that from an instant on another meter counts behind a channel: the jump of the register is not energy.
create table energy.meter_replacements (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  channel_id int not null references energy.channels (id) on delete cascade on update cascade,
  at timestamptz(6) not null,
  -- What the old register showed at the end and the new one at the beginning, in the channel's unit; null: not read.
  final_value double precision,
  first_value double precision,
  created_by uuid,
  created_at timestamptz(6) not null default now()
);
create index meter_replacements_organization_id_idx on energy.meter_replacements (organization_id);
create unique index meter_replacements_channel_id_at_key on energy.meter_replacements (channel_id, at);

alter table energy.meter_replacements enable row level security;
create policy organization on energy.meter_replacements to energy_organization
  using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization());
create policy system on energy.meter_replacements to energy_system using (true) with check (true);
grant select, insert, update, delete on energy.meter_replacements to energy_organization, energy_system;
