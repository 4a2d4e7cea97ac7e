-- A contract says by which tariff a flow is paid for, and from which day on. Its versions are kept for ever: one that was wrong is
-- superseded by its correction, never overwritten, so that every bill can say by which words it was made.

create table energy.contracts (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  site_id uuid not null references energy.sites (id) on delete cascade on update cascade,
  name text not null,
  medium text not null check (medium in ('electricity', 'gas', 'water', 'heat')),
  -- The meter that it prices; null: the whole site's flow of the medium.
  channel_id int references energy.channels (id) on delete cascade on update cascade,
  -- The first day, in the site's zone, that it no longer holds; null: it goes on.
  ends_on date,
  created_by uuid,
  created_at timestamptz(6) not null default now()
);
create index contracts_organization_id_idx on energy.contracts (organization_id);
create index contracts_site_id_idx on energy.contracts (site_id);
create index contracts_channel_id_idx on energy.contracts (channel_id);

create table energy.contract_versions (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  contract_id uuid not null references energy.contracts (id) on delete cascade on update cascade,
  -- The first day, in the site's zone, that it holds.
  valid_from date not null,
  -- As the tariff's schema has it (domain/tariff).
  tariff jsonb not null,
  -- Why it was entered or corrected, in the author's words.
  note text not null default '',
  created_by uuid,
  created_at timestamptz(6) not null default now(),
  -- Set when a correction took its place, or it was taken back.
  superseded_at timestamptz(6),
  superseded_by uuid
);
create index contract_versions_organization_id_idx on energy.contract_versions (organization_id);
create index contract_versions_contract_id_valid_from_idx on energy.contract_versions (contract_id, valid_from);
-- Of the versions of one day, one holds.
create unique index contract_versions_in_force_key on energy.contract_versions (contract_id, valid_from) where superseded_at is null;

do $$
declare t text;
begin
  foreach t in array array['contracts', 'contract_versions'] loop
    execute format('alter table energy.%I enable row level security', t);
    execute format('create policy organization on energy.%I to energy_organization
      using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization())', t);
    execute format('create policy system on energy.%I to energy_system using (true) with check (true)', t);
  end loop;
end $$;

grant select, insert, update, delete on energy.contracts to energy_organization, energy_system;
-- Of a version only its end is ever written again.
grant select, insert on energy.contract_versions to energy_organization, energy_system;
grant update (superseded_at, superseded_by) on energy.contract_versions to energy_organization, energy_system;
