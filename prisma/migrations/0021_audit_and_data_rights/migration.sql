-- The audit log: who did what to what, from where, before and after. Rows are only ever added, and by the functions below alone:
-- a role at run time may read what is its own and nothing else.
create schema audit;
grant usage on schema audit to energy_organization, energy_user, energy_system;

create table audit.events (
  id bigint generated always as identity primary key,
  at timestamptz(6) not null default clock_timestamp(),
  -- null: it is an account's, not an organization's.
  organization_id uuid,
  -- 'device.changed': the object's kind and what became of it.
  action text not null,
  object_type text not null,
  object_id text,
  -- As it was called then.
  object_name text,
  actor text not null check (actor in ('person', 'key', 'device', 'job', 'command', 'system')),
  actor_id text,
  actor_name text,
  -- The beginning of the session's hash.
  session text,
  address text,
  agent text,
  request text,
  -- Of a change the columns that changed; of what was made or deleted all that had a value. Never a secret.
  before jsonb,
  after jsonb
);
create index events_organization_id_id_idx on audit.events (organization_id, id);
create index events_object_idx on audit.events (object_type, object_id, id) where organization_id is null;

alter table audit.events enable row level security;
-- Of its members' accounts an organization sees who came in and what was changed, since they belong to it.
create policy organization on audit.events for select to energy_organization using (
  organization_id = energy.current_organization()
  or organization_id is null and object_type = 'account'
    and action in ('account.signed-in', 'account.signed-out', 'account.sign-in-failed', 'account.changed') and exists (
    select from energy.memberships m where m.organization_id = energy.current_organization()
      and m.user_id::text = object_id and m.created_at <= at));
create policy own on audit.events for select to energy_user
  using (organization_id is null and object_type = 'account' and object_id = auth.current_user_id()::text);
create policy system on audit.events for select to energy_system using (true);
grant select on audit.events to energy_organization, energy_user, energy_system;

-- Also for the owner, by mistake or by hand: the one exception is the deletion of a whole organization.
create function audit.refuse_change() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  if tg_op = 'DELETE' and old.organization_id::text = current_setting('audit.erasing', true) then return old; end if;
  raise exception 'the audit log is only ever added to' using errcode = 'insufficient_privilege';
end $$;
create trigger refuse_change before update or delete on audit.events for each row execute function audit.refuse_change();
create trigger refuse_truncate before truncate on audit.events for each statement execute function audit.refuse_change();

-- Columns whose content is nobody's to read, by their names: what a later migration adds is left out without anybody thinking of it.
create function audit.is_secret(p_column text) returns boolean language sql immutable parallel safe
  as $$ select p_column ~ '(hash|sealed|secret|token|password)' $$;

-- A row as it may be shown: of a secret only that there is one, of what is very long only its length; of a whole row what it has.
create function audit.shown(p_row jsonb, p_is_whole boolean) returns jsonb language sql immutable set search_path = pg_catalog as $$
  select jsonb_object_agg(key, case
    when audit.is_secret(key) then '"not shown"'
    when length(value::text) > 8000 then to_jsonb(length(value::text) || ' characters')
    else value end)
  from jsonb_each(p_row) where value <> 'null' or not p_is_whole
$$;

-- Adds an entry. Who did it is what the transaction says (app.actor, set by db/client.ts), and the name that it has now.
create function audit.put(p_organization uuid, p_action text, p_type text, p_id text, p_name text, p_before jsonb, p_after jsonb)
  returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_by jsonb := coalesce(nullif(current_setting('app.actor', true), '')::jsonb, '{}');
  v_kind text := coalesce(v_by->>'kind', 'system');
  v_name text := v_by->>'name';
begin
  if v_name is null and v_by->>'id' is not null then
    v_name := case v_kind
      when 'person' then (select u.email from auth.users u where u.id = (v_by->>'id')::uuid)
      when 'key' then (select k.name from energy.api_keys k where k.id = (v_by->>'id')::uuid)
      when 'device' then (select d.name from energy.devices d where d.id = (v_by->>'id')::uuid)
    end;
  end if;
  insert into audit.events (organization_id, action, object_type, object_id, object_name, actor, actor_id, actor_name,
    session, address, agent, request, before, after)
  values (p_organization, p_action, p_type, p_id, p_name, v_kind, v_by->>'id', v_name,
    v_by->>'session', v_by->>'address', v_by->>'agent', v_by->>'request', p_before, p_after);
end $$;

-- The trigger of a watched table. Arguments: what a row is called, and columns whose change alone is no entry.
create function audit.note_change() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_type text := tg_argv[0];
  v_quiet text[] := tg_argv[1]::text[];
  v_by jsonb := nullif(current_setting('app.actor', true), '')::jsonb;
  v_old jsonb;
  v_new jsonb;
  v_row jsonb;
  v_name text;
begin
  if tg_op <> 'INSERT' then v_old := to_jsonb(old); end if;
  if tg_op <> 'DELETE' then v_new := to_jsonb(new); end if;
  v_row := coalesce(v_new, v_old);
  -- Whoever signs up is who acts from here on.
  if tg_op = 'INSERT' and tg_relid = 'auth.users'::regclass and v_by->>'kind' = 'person' and v_by->>'id' is null then
    perform set_config('app.actor', (v_by || jsonb_build_object('id', v_row->>'id'))::text, true);
  end if;
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, v_new->o.key) into v_old, v_new
    from jsonb_each(v_old) o where o.value is distinct from v_new->o.key and o.key <> all (v_quiet);
    if v_old is null then return null; end if;
  end if;
  v_name := coalesce(nullif(v_row->>'name', ''), v_row->>'email', v_row->>'file_name', v_row->>'username', v_row->>'key');
  if v_name is null and v_row ? 'user_id' then
    v_name := (select u.email from auth.users u where u.id = (v_row->>'user_id')::uuid);
  end if;
  perform audit.put(
    coalesce((v_row->>'organization_id')::uuid, case when tg_relid = 'energy.organizations'::regclass then (v_row->>'id')::uuid end),
    v_type || case tg_op when 'INSERT' then '.created' when 'UPDATE' then '.changed' else '.deleted' end,
    v_type, coalesce(v_row->>'id', v_row->>'user_id'), v_name, audit.shown(v_old, tg_op <> 'UPDATE'), audit.shown(v_new, tg_op <> 'UPDATE'));
  return null;
end $$;

-- Every migration that makes a table of energy or auth calls this for it: `select audit.watch('energy.things')`. Called again, it
-- watches in the new way. p_object: what a row is called ("thing"); p_quiet: columns whose change alone is no entry.
-- tests/integration/audit.test.ts fails on a table that is neither watched nor excepted with a reason.
create function audit.watch(p_table regclass, p_object text default null, p_quiet text[] default '{}')
  returns void language plpgsql set search_path = pg_catalog as $$
begin
  execute format('drop trigger if exists audit on %s', p_table);
  execute format('create trigger audit after insert or update or delete on %s for each row execute function audit.note_change(%L, %L)',
    p_table, coalesce(p_object, (select regexp_replace(relname, 's$', '') from pg_class where oid = p_table)), p_quiet);
end $$;

-- What no row tells: something was read that is not everybody's, or somebody came in. The organization is the context's own; only
-- the system may name one. In a person's context the entry belongs to an account.
create function audit.record(p_action text, p_type text, p_id text, p_name text, p_details jsonb default null, p_organization uuid default null)
  returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform audit.put(
    case current_setting('role') when 'energy_organization' then energy.current_organization() when 'energy_system' then p_organization end,
    p_action, p_type, p_id, p_name, null, p_details);
end $$;

revoke execute on all functions in schema audit from public;
grant execute on function audit.record(text, text, text, text, jsonb, uuid) to energy_organization, energy_user, energy_system;
grant execute on function audit.is_secret(text) to energy_system;

select audit.watch('energy.organizations');
select audit.watch('energy.memberships');
select audit.watch('energy.sites');
select audit.watch('energy.devices');
select audit.watch('energy.credentials');
select audit.watch('energy.channels');
select audit.watch('energy.corrections');
select audit.watch('energy.meter_groups');
select audit.watch('energy.virtual_meters');
select audit.watch('energy.contracts');
select audit.watch('energy.contract_versions');
select audit.watch('energy.bill_checks');
select audit.watch('energy.api_keys', p_quiet => '{last_used_at}');
-- An import's progress is a change every second; its beginning and its end are entries.
select audit.watch('energy.imports',
  p_quiet => '{position,items,stored,refused,ambiguous,first_time,last_time,refusals,lease_holder,lease_until}');
select audit.watch('auth.users', 'account');
select audit.watch('auth.invitations');
select audit.watch('energy.raw_retention', p_quiet => '{removed_at,removed_before,removed_readings,waiting_channels}');
select audit.watch('energy.invitations');
select audit.watch('energy.shared_links', p_quiet => '{last_used_at}');
select audit.watch('auth.two_factors', p_quiet => '{last_step}');

-- Data rights: everything of an organization as a file, and its deletion ------------------------------------------------------
-- A file lies in the database in chunks, since the worker that makes it and the web that hands it out may run on two machines.
create table energy.exports (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  error text,
  -- Files of the archive that are written, of so many.
  written int not null default 0,
  files int not null default 0,
  size bigint not null default 0,
  created_by uuid,
  created_at timestamptz(6) not null default now(),
  -- When its worker last said how far it is.
  alive_at timestamptz(6) not null default now(),
  finished_at timestamptz(6),
  expires_at timestamptz(6)
);
create index exports_organization_id_idx on energy.exports (organization_id);
-- One at a time.
create unique index exports_under_way_key on energy.exports (organization_id) where state in ('waiting', 'running');

create table energy.export_chunks (
  export_id uuid not null references energy.exports (id) on delete cascade on update cascade,
  number int not null,
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  bytes bytea not null,
  primary key (export_id, number)
);
alter table energy.export_chunks alter column bytes set storage external;
create index export_chunks_organization_id_idx on energy.export_chunks (organization_id);

-- An organization that is to be deleted for good. Until it has begun, the row is all that there is to take back.
create table energy.deletions (
  organization_id uuid primary key references energy.organizations (id) on delete cascade on update cascade,
  created_by uuid,
  created_at timestamptz(6) not null default now(),
  due_at timestamptz(6) not null,
  started_at timestamptz(6),
  -- Channels whose readings are gone, of so many.
  removed int not null default 0,
  channels int not null default 0
);

do $$
declare t text;
begin
  foreach t in array array['exports', 'export_chunks', 'deletions'] loop
    execute format('alter table energy.%I enable row level security', t);
    execute format('create policy organization on energy.%I to energy_organization
      using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization())', t);
    execute format('create policy system on energy.%I to energy_system using (true) with check (true)', t);
  end loop;
  -- Of the organization as a whole: not for whoever is limited to some sites.
  foreach t in array array['exports', 'export_chunks', 'deletions', 'raw_retention'] loop
    execute format('create policy sites on energy.%I as restrictive to energy_organization using ((select energy.current_site_ids()) is null)', t);
  end loop;
end $$;
grant select, insert, update, delete on energy.exports, energy.export_chunks, energy.deletions to energy_system;
grant select, insert on energy.exports to energy_organization;
grant select on energy.export_chunks to energy_organization;
grant select, insert, update, delete on energy.deletions to energy_organization;
select audit.watch('energy.exports', p_quiet => '{state,written,files,size,alive_at,finished_at,expires_at}');
select audit.watch('energy.deletions', p_quiet => '{removed,channels}');

-- Who belongs to an organization, for its export.
create function energy.members_of(p_organization uuid) returns table (user_id uuid, email text, name text)
  language sql stable security definer set search_path = pg_catalog
  as $$ select u.id, u.email, u.name from auth.users u join energy.memberships m on m.user_id = u.id where m.organization_id = p_organization $$;
revoke execute on function energy.members_of(uuid) from public;
grant execute on function energy.members_of(uuid) to energy_system;

-- The last step of a deletion: every row of an organization in every table, and every job of it, in one transaction. Which tables
-- have such rows is asked of the catalogue. Refused where nobody asked for it or its time has not come.
-- Answers the people who belonged to it.
create function energy.erase_organization(p_organization uuid) returns uuid[]
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  t record;
  v_people uuid[];
begin
  if not exists (select from energy.deletions where organization_id = p_organization and due_at <= now()) then
    raise exception 'the deletion of organization % was not asked for, or is not due', p_organization;
  end if;
  -- Whoever is just about to add something waits, and is refused afterwards.
  perform from energy.organizations where id = p_organization for update;
  v_people := array(select user_id from energy.memberships where organization_id = p_organization);
  for t in
    select format('%I.%I', n.nspname, c.relname) as name, a.attname as key
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where n.nspname = 'telemetry' and c.relkind in ('r', 'p') and not c.relispartition and a.attname in ('channel_id', 'device_id')
  loop
    execute format('delete from %s where %I in (select id from energy.%s where organization_id = $1)',
      t.name, t.key, case t.key when 'channel_id' then 'channels' else 'devices' end) using p_organization;
  end loop;
  for t in
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where n.nspname in ('auth', 'energy', 'analytics') and c.relkind in ('r', 'p') and not c.relispartition
      and a.attname = 'organization_id' and not a.attisdropped
      -- Members go with their organization: alone, the last owner may not.
      and c.oid not in ('energy.deletions'::regclass, 'energy.memberships'::regclass)
  loop
    execute format('delete from %s where organization_id = $1', t.name) using p_organization;
  end loop;
  delete from energy.organizations where id = p_organization;
  -- Last, for each row that went left an entry.
  perform set_config('audit.erasing', p_organization::text, true);
  delete from audit.events where organization_id = p_organization;
  perform set_config('audit.erasing', '', true);
  if to_regclass('graphile_worker._private_jobs') is not null then
    delete from graphile_worker._private_jobs where payload->>'organizationId' = p_organization::text;
  end if;
  return v_people;
end $$;
revoke execute on function energy.erase_organization(uuid) from public;
grant execute on function energy.erase_organization(uuid) to energy_system;
