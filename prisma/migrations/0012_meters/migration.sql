-- What a person makes of a site's channels: virtual meters by formula, groups (rooms), and where each lies in the tree of meters.
create table energy.meter_groups (
  id serial primary key,
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  site_id uuid not null references energy.sites (id) on delete cascade on update cascade,
  name text not null,
  created_at timestamptz(6) not null default now()
);
create index meter_groups_organization_id_idx on energy.meter_groups (organization_id);
create unique index meter_groups_site_id_name_key on energy.meter_groups (site_id, name);

create table energy.virtual_meters (
  id serial primary key,
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  site_id uuid not null references energy.sites (id) on delete cascade on update cascade,
  name text not null,
  -- Over channels (c12) and virtual meters (v3): domain/site/formula.ts reads it.
  formula text not null,
  medium text not null,
  unit text not null,
  role text not null default 'none',
  -- The meter that measures this one too: a channel or a virtual meter.
  parent_id int references energy.channels (id) on delete set null on update cascade,
  parent_virtual_id int references energy.virtual_meters (id) on delete set null on update cascade,
  group_id int references energy.meter_groups (id) on delete set null on update cascade,
  created_at timestamptz(6) not null default now(),
  constraint virtual_meters_one_parent check (parent_id is null or parent_virtual_id is null)
);
create index virtual_meters_organization_id_idx on energy.virtual_meters (organization_id);
create unique index virtual_meters_site_id_name_key on energy.virtual_meters (site_id, name);

alter table energy.channels
  add column parent_virtual_id int references energy.virtual_meters (id) on delete set null on update cascade,
  add column group_id int references energy.meter_groups (id) on delete set null on update cascade,
  add constraint channels_one_parent check (parent_id is null or parent_virtual_id is null);

do $$
declare t text;
begin
  foreach t in array array['meter_groups', 'virtual_meters'] loop
    execute format('alter table energy.%I enable row level security', t);
    execute format('create policy organization on energy.%I to energy_organization
      using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization())', t);
    execute format('create policy system on energy.%I to energy_system using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on energy.%I to energy_organization, energy_system', t);
    execute format('grant usage on sequence energy.%I to energy_organization, energy_system', t || '_id_seq');
  end loop;
end $$;
