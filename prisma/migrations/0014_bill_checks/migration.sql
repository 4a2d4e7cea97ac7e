-- What a supplier's bill says, as a person entered it. The comparison is worked out when it is asked for, from the readings and
-- prices as they are then: only what stands on the paper is kept.
create table energy.bill_checks (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  contract_id uuid not null references energy.contracts (id) on delete cascade on update cascade,
  -- The days, in the site's zone, that the bill is for; the second is the first that it is not for.
  from_day date not null,
  to_day date not null check (to_day > from_day),
  -- Its items, as domain/bill-check has them.
  items jsonb not null,
  -- As printed. Decimal text would not say that it must be a number.
  total numeric(18, 6) not null,
  note text not null default '',
  created_by uuid,
  created_at timestamptz(6) not null default now()
);
create index bill_checks_organization_id_idx on energy.bill_checks (organization_id);
create index bill_checks_contract_id_idx on energy.bill_checks (contract_id);

alter table energy.bill_checks enable row level security;
create policy organization on energy.bill_checks to energy_organization
  using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization());
create policy system on energy.bill_checks to energy_system using (true) with check (true);
grant select, insert, update, delete on energy.bill_checks to energy_organization, energy_system;

-- Grams of CO2 for a kWh from the grid; null: not known. A channel of the site that measures the intensity goes before it.
alter table energy.sites add column co2_g_per_kwh numeric(9, 3) check (co2_g_per_kwh >= 0);
