-- Tenancy lives in the database: three contexts, each a role (docs/ARCHITECTURE.md, "Three contexts").
--   energy_organization  one tenant's rows, by app.organization_id
--   energy_user          one person's own account, sessions and memberships, by app.user_id
--   energy_system        ingest and workers: policies let it through; no BYPASSRLS, no superuser
-- A forgotten where clause returns nothing, because no setting means no rows.

-- Roles belong to the cluster, so another database may have made them already, or be making them now.
do $$
declare r text;
begin
  foreach r in array array['energy_organization', 'energy_user', 'energy_system'] loop
    begin
      execute format('create role %I nologin noinherit', r);
    exception when duplicate_object or unique_violation then null;
    end;
    execute format('grant %I to current_user', r);
    if exists (select from pg_roles where rolname = 'energy_app') then
      execute format('grant %I to energy_app', r);
    end if;
  end loop;
end $$;

create function energy.current_organization() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.organization_id', true), '')::uuid $$;

create function auth.current_user_id() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;

grant usage on schema energy to energy_organization, energy_user, energy_system;
grant usage on schema auth to energy_user;

-- Tenant tables -----------------------------------------------------------------------------------------------------
alter table energy.organizations enable row level security;
create policy organization on energy.organizations to energy_organization
  using (id = energy.current_organization()) with check (id = energy.current_organization());
create policy member on energy.organizations for select to energy_user
  using (exists (select from energy.memberships m where m.organization_id = id and m.user_id = auth.current_user_id()));
create policy system on energy.organizations to energy_system using (true) with check (true);

do $$
declare t text;
begin
  foreach t in array array['memberships', 'sites', 'devices', 'credentials', 'channels', 'api_keys'] loop
    execute format('alter table energy.%I enable row level security', t);
    execute format('create policy organization on energy.%I to energy_organization
      using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization())', t);
    execute format('create policy system on energy.%I to energy_system using (true) with check (true)', t);
  end loop;
end $$;

create policy own on energy.memberships for select to energy_user using (user_id = auth.current_user_id());
create policy member on energy.sites for select to energy_user
  using (exists (select from energy.memberships m
                 where m.organization_id = sites.organization_id and m.user_id = auth.current_user_id()));

grant select, update on energy.organizations to energy_organization;
grant select on energy.memberships to energy_organization;
grant select, insert, update, delete on energy.sites, energy.devices, energy.credentials, energy.channels, energy.api_keys
  to energy_organization;
grant select on energy.organizations, energy.memberships, energy.sites to energy_user;
grant select, insert, update, delete on all tables in schema energy to energy_system;
grant usage on all sequences in schema energy to energy_organization, energy_system;

-- Accounts ----------------------------------------------------------------------------------------------------------
alter table auth.users enable row level security;
create policy own on auth.users to energy_user using (id = auth.current_user_id()) with check (id = auth.current_user_id());
alter table auth.sessions enable row level security;
create policy own on auth.sessions to energy_user using (user_id = auth.current_user_id()) with check (user_id = auth.current_user_id());
alter table auth.invitations enable row level security;
alter table auth.rate_limits enable row level security;
create policy anyone on auth.rate_limits to energy_user using (true) with check (true);

grant select, update on auth.users to energy_user;
grant select, insert, update, delete on auth.sessions to energy_user;
grant select, insert, update, delete on auth.rate_limits to energy_user;

-- What must be known before anybody is signed in: each function answers one question about one secret or address.
create function auth.find_login(p_email text) returns table (id uuid, password_hash text)
  language sql stable security definer set search_path = pg_catalog
  as $$ select u.id, u.password_hash from auth.users u where u.email = lower(p_email) $$;

create function auth.session_user(p_session text)
  returns table (session_id text, user_id uuid, expires_at timestamptz, email text, name text)
  language sql stable security definer set search_path = pg_catalog
  as $$ select s.id, s.user_id, s.expires_at, u.email, u.name
        from auth.sessions s join auth.users u on u.id = s.user_id where s.id = p_session $$;

create function auth.extend_session(p_session text, p_expires timestamptz) returns void
  language sql security definer set search_path = pg_catalog
  as $$ update auth.sessions set expires_at = p_expires where id = p_session $$;

create function auth.end_session(p_session text) returns void
  language sql security definer set search_path = pg_catalog
  as $$ delete from auth.sessions where id = p_session $$;

create function auth.end_expired_sessions() returns void
  language sql security definer set search_path = pg_catalog
  as $$ delete from auth.sessions where expires_at <= now() $$;

create function auth.open_invitation(p_token_hash text) returns table (id uuid, email text)
  language sql stable security definer set search_path = pg_catalog
  as $$ select i.id, i.email from auth.invitations i
        where i.token_hash = p_token_hash and i.accepted_at is null and i.expires_at > now() $$;

create function auth.invite(p_email text, p_token_hash text, p_expires timestamptz) returns uuid
  language sql security definer set search_path = pg_catalog
  as $$ insert into auth.invitations (email, token_hash, expires_at) values (lower(p_email), p_token_hash, p_expires) returning id $$;

create function auth.set_password(p_email text, p_password_hash text) returns uuid
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_user uuid;
begin
  update auth.users set password_hash = p_password_hash where email = lower(p_email) returning id into v_user;
  delete from auth.sessions where user_id = v_user;
  return v_user;
end $$;

-- A person, an organization that they own, and its first site: all or nothing.
create function auth.sign_up(
  p_email text, p_password_hash text, p_organization text, p_site text, p_timezone text, p_currency text,
  p_price numeric, p_invitation text)
  returns table (user_id uuid, organization_id uuid, site_id uuid)
  language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare v_user uuid; v_organization uuid; v_site uuid;
begin
  if p_invitation is not null then
    update auth.invitations set accepted_at = now()
      where token_hash = p_invitation and accepted_at is null and expires_at > now() and email = lower(p_email);
    if not found then raise exception 'invitation-not-valid' using errcode = 'P0001'; end if;
  end if;
  insert into auth.users (email, password_hash) values (lower(p_email), p_password_hash) returning id into v_user;
  insert into energy.organizations (name) values (p_organization) returning id into v_organization;
  insert into energy.memberships (organization_id, user_id, role) values (v_organization, v_user, 'owner');
  insert into energy.sites (organization_id, name, timezone, currency, price_per_kwh)
    values (v_organization, p_site, p_timezone, p_currency, p_price) returning id into v_site;
  return query select v_user, v_organization, v_site;
end $$;

create function energy.find_api_key(p_hash text)
  returns table (id uuid, organization_id uuid, scopes text[], expires_at timestamptz)
  language sql security definer set search_path = pg_catalog
  as $$ update energy.api_keys k
        set last_used_at = case when k.last_used_at is null or k.last_used_at < now() - interval '1 minute' then now() else k.last_used_at end
        where k.hash = p_hash returning k.id, k.organization_id, k.scopes, k.expires_at $$;

-- Jobs --------------------------------------------------------------------------------------------------------------
-- The queue's own tables have row-level security without policies. Only this function puts jobs in; a tenant's job
-- always carries the tenant's own id, whatever the payload says.
create function energy.enqueue(p_task text, p_payload json, p_key text, p_queue text, p_run_at timestamptz, p_attempts int)
  returns void language plpgsql security definer set search_path = pg_catalog as $$
declare v_payload jsonb := coalesce(p_payload::jsonb, '{}');
begin
  if energy.current_organization() is not null then
    v_payload := v_payload || jsonb_build_object('organizationId', energy.current_organization());
  end if;
  perform graphile_worker.add_job(p_task, v_payload::json, p_queue, coalesce(p_run_at, now()), coalesce(p_attempts, 25), p_key);
end $$;

revoke execute on all functions in schema auth, energy from public;
grant execute on function energy.current_organization() to energy_organization, energy_user, energy_system;
grant execute on function auth.current_user_id() to energy_organization, energy_user, energy_system;
grant execute on function auth.find_login(text), auth.session_user(text), auth.extend_session(text, timestamptz),
  auth.end_session(text), auth.end_expired_sessions(), auth.open_invitation(text),
  auth.sign_up(text, text, text, text, text, text, numeric, text), energy.find_api_key(text) to energy_user;
grant usage on schema auth to energy_organization, energy_system;
grant execute on function auth.invite(text, text, timestamptz), auth.set_password(text, text) to energy_system;
grant execute on function energy.enqueue(text, json, text, text, timestamptz, int) to energy_organization, energy_system;

-- The workers run the queue in the system context. (A shadow database that only compares schemas has no queue.)
do $$
declare t text;
begin
  if to_regnamespace('graphile_worker') is null then return; end if;
  grant usage on schema graphile_worker to energy_system;
  grant select, insert, update, delete on all tables in schema graphile_worker to energy_system;
  grant usage on all sequences in schema graphile_worker to energy_system;
  grant execute on all functions in schema graphile_worker to energy_system;
  for t in select tablename from pg_tables where schemaname = 'graphile_worker' and rowsecurity loop
    execute format('create policy system on graphile_worker.%I to energy_system using (true) with check (true)', t);
  end loop;
end $$;
