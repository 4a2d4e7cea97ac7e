-- History from files. A file travels through the database in chunks, since the web that takes it and the ingest that stores it
-- may run on two machines; the chunks go when the import has ended.

create table energy.imports (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  device_id uuid not null references energy.devices (id) on delete cascade on update cascade,
  file_name text not null,
  -- How the file is to be read (domain/history/options.ts); null: not settled yet.
  options jsonb,
  size bigint not null,
  -- Bytes read, for people.
  position bigint not null default 0,
  -- Readings and refusals that are dealt with, in the file's order: where an interrupted import goes on.
  items bigint not null default 0,
  stored bigint not null default 0,
  refused bigint not null default 0,
  -- Rows in the hour that the clock shows twice.
  ambiguous bigint not null default 0,
  first_time timestamptz(6),
  last_time timestamptz(6),
  -- The first 200: [{row, reason}].
  refusals jsonb not null default '[]',
  state text not null default 'uploading' check (state in ('uploading', 'waiting', 'running', 'done', 'failed', 'cancelled')),
  error text,
  lease_holder uuid,
  lease_until timestamptz(6),
  created_by uuid,
  created_at timestamptz(6) not null default now(),
  started_at timestamptz(6),
  finished_at timestamptz(6)
);
create index imports_organization_id_created_at_idx on energy.imports (organization_id, created_at);
create index imports_device_id_idx on energy.imports (device_id);

create table energy.import_chunks (
  import_id uuid not null references energy.imports (id) on delete cascade on update cascade,
  number int not null,
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  bytes bytea not null,
  primary key (import_id, number)
);
-- What is uploaded is mostly packed already, and read once.
alter table energy.import_chunks alter column bytes set storage external;
create index import_chunks_organization_id_idx on energy.import_chunks (organization_id);

do $$
declare t text;
begin
  foreach t in array array['imports', 'import_chunks'] loop
    execute format('alter table energy.%I enable row level security', t);
    execute format('create policy organization on energy.%I to energy_organization
      using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization())', t);
    execute format('create policy system on energy.%I to energy_system using (true) with check (true)', t);
  end loop;
end $$;

grant select, insert, update, delete on energy.imports, energy.import_chunks to energy_organization, energy_system;

-- When a mark may be taken. The batches of an import wait until it is done: recomputed after each of them, a register's
-- buckets up to its next reading would be folded a thousand times over.
alter table telemetry.dirty add column due_at timestamptz not null default '-infinity';
