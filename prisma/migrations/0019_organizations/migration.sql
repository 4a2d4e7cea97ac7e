-- A member, an API key or a link can be limited to some sites of its organization: `app.site_ids` holds them beside
-- `app.organization_id`, and what lies at another site is not there. Not set: all sites.

-- The sites that a member sees; null: all. An owner always sees all. A site that is deleted stays in the list and means nothing.
alter table energy.memberships
  add column site_ids uuid[],
  add constraint memberships_owner_sees_all check (role <> 'owner' or site_ids is null);

create function energy.current_site_ids() returns uuid[] language sql stable parallel safe
  as $$ select nullif(current_setting('app.site_ids', true), '')::uuid[] $$;
revoke execute on function energy.current_site_ids() from public;
grant execute on function energy.current_site_ids() to energy_organization, energy_user, energy_system;

-- Restrictive: each holds beside the policy "organization". In brackets of its own the function is asked once a query, and where
-- nothing is limited the rest is not looked at. What hangs on a device, a channel, a contract or an import follows that.
do $$
declare
  t text;
  everything constant text := '(select energy.current_site_ids()) is null';
  chosen constant text := 'any ((select energy.current_site_ids())::uuid[])';
begin
  execute format('create policy sites on energy.sites as restrictive to energy_organization using (%s or id = %s)', everything, chosen);
  foreach t in array array['devices', 'contracts', 'meter_groups', 'virtual_meters'] loop
    execute format('create policy sites on energy.%I as restrictive to energy_organization using (%s or site_id = %s)', t, everything, chosen);
  end loop;
  foreach t in array array['credentials', 'channels', 'imports'] loop
    execute format('create policy sites on energy.%I as restrictive to energy_organization
      using (%s or device_id in (select d.id from energy.devices d))', t, everything);
  end loop;
  foreach t in array array['corrections', 'meter_replacements'] loop
    execute format('create policy sites on energy.%I as restrictive to energy_organization
      using (%s or channel_id in (select c.id from energy.channels c))', t, everything);
  end loop;
  foreach t in array array['contract_versions', 'bill_checks'] loop
    execute format('create policy sites on energy.%I as restrictive to energy_organization
      using (%s or contract_id in (select c.id from energy.contracts c))', t, everything);
  end loop;
  execute format('create policy sites on energy.import_chunks as restrictive to energy_organization
    using (%s or import_id in (select i.id from energy.imports i))', everything);
  -- What is of the organization as a whole.
  foreach t in array array['memberships', 'api_keys'] loop
    execute format('create policy sites on energy.%I as restrictive to energy_organization using (%s)', t, everything);
  end loop;
  execute format('create policy sites on energy.organizations as restrictive for update to energy_organization using (%s)', everything);
end $$;

-- The views of telemetry run as their owner, past these policies: each says which channels (c) or devices (d) of the current
-- organization it shows, and from here on also of which sites.
do $$
declare
  v record;
  at_site constant text := '(select energy.current_site_ids()) is null or %s in (select o.id from energy.devices o where o.site_id = any ((select energy.current_site_ids())::uuid[]))';
begin
  for v in
    select format('energy.%I', relname) as name, rtrim(pg_get_viewdef(oid), ';') as definition
    from pg_class where relnamespace = 'energy'::regnamespace and relkind = 'v'
  loop
    v.definition := regexp_replace(v.definition, '\mc\.organization_id = energy\.current_organization\(\)',
      '\& and (' || format(at_site, 'c.device_id') || ')', 'g');
    v.definition := regexp_replace(v.definition, '\md\.organization_id = energy\.current_organization\(\)',
      '\& and (' || format(at_site, 'd.id') || ')', 'g');
    execute format('create or replace view %s with (security_barrier) as %s', v.name, v.definition);
  end loop;
end $$;

drop policy member on energy.sites;
create policy member on energy.sites for select to energy_user
  using (exists (select from energy.memberships m
                 where m.organization_id = sites.organization_id and m.user_id = auth.current_user_id()
                   and (m.site_ids is null or sites.id = any (m.site_ids))));

-- Members -----------------------------------------------------------------------------------------------------------
grant update (role, site_ids), delete on energy.memberships to energy_organization;
grant delete on energy.memberships to energy_user;
create policy leave on energy.memberships for delete to energy_user using (user_id = auth.current_user_id());

-- An organization always has an owner. Whoever takes one away waits for whoever else is doing so, and then counts.
create function energy.keep_an_owner() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if old.role <> 'owner' or (tg_op = 'UPDATE' and new.role = 'owner') then return coalesce(new, old); end if;
  perform from energy.organizations where id = old.organization_id for no key update;
  -- It is being deleted as a whole.
  if not found then return old; end if;
  if not exists (select from energy.memberships m
                 where m.organization_id = old.organization_id and m.role = 'owner' and m.user_id <> old.user_id) then
    raise exception 'last-owner' using errcode = 'P0001';
  end if;
  return coalesce(new, old);
end $$;
create trigger keep_an_owner before update or delete on energy.memberships
  for each row execute function energy.keep_an_owner();

-- Who belongs to the current organization. Accounts themselves are no organization's to read.
create function energy.members()
  returns table (user_id uuid, name text, email text, role text, site_ids uuid[], created_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  as $$ select m.user_id, u.name, u.email, m.role, m.site_ids, m.created_at
        from energy.memberships m join auth.users u on u.id = m.user_id
        where m.organization_id = energy.current_organization() and energy.current_site_ids() is null $$;

-- Invitations -------------------------------------------------------------------------------------------------------
-- Into an organization, as something. (auth.invitations let people make organizations of their own where SIGNUP is "invite".)
create table energy.invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  email text not null,
  role text not null check (role in ('owner', 'admin', 'operator', 'viewer')),
  -- As memberships have it.
  site_ids uuid[] check (role <> 'owner' or site_ids is null),
  -- SHA-256 of the secret in the link.
  token_hash text not null,
  invited_by uuid,
  created_at timestamptz(6) not null default now(),
  sent_at timestamptz(6) not null default now(),
  expires_at timestamptz(6) not null,
  accepted_at timestamptz(6),
  revoked_at timestamptz(6)
);
create index invitations_organization_id_created_at_idx on energy.invitations (organization_id, created_at);
create unique index invitations_token_hash_key on energy.invitations (token_hash);
-- One that waits for each address.
create unique index invitations_waiting_key on energy.invitations (organization_id, email) where accepted_at is null and revoked_at is null;

-- What the link opens. `invited_by`: how who invited is called.
create function energy.open_invitation(p_token_hash text)
  returns table (organization text, email text, role text, site_ids uuid[], invited_by text, expires_at timestamptz, has_account boolean)
  language sql stable security definer set search_path = pg_catalog
  as $$ select o.name, i.email, i.role, i.site_ids,
          (select case when u.name <> '' then u.name else u.email end from auth.users u where u.id = i.invited_by),
          i.expires_at, exists (select from auth.users u where u.email = i.email)
        from energy.invitations i join energy.organizations o on o.id = i.organization_id
        where i.token_hash = p_token_hash and i.accepted_at is null and i.revoked_at is null and i.expires_at > now() $$;

-- Takes a person in by an invitation to their address; answers the organization, null: it is not (any more) theirs to take. Whoever
-- is a member already stays what they are. An invitation to be an owner counts as long as who gave it is one.
create function energy.take_invitation(p_user uuid, p_token_hash text) returns uuid
  language plpgsql security definer set search_path = pg_catalog as $$
declare v energy.invitations;
begin
  update energy.invitations i set accepted_at = now()
    where i.token_hash = p_token_hash and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
      and i.email = (select u.email from auth.users u where u.id = p_user)
      and (i.role <> 'owner' or exists (select from energy.memberships m
        where m.organization_id = i.organization_id and m.user_id = i.invited_by and m.role = 'owner'))
    returning * into v;
  if not found then return null; end if;
  insert into energy.memberships (organization_id, user_id, role, site_ids)
    values (v.organization_id, p_user, v.role, v.site_ids) on conflict do nothing;
  return v.organization_id;
end $$;

create function energy.accept_invitation(p_token_hash text) returns uuid
  language sql security definer set search_path = pg_catalog
  as $$ select energy.take_invitation(auth.current_user_id(), p_token_hash) $$;

-- Links -------------------------------------------------------------------------------------------------------------
-- One page of one site for whoever has the link: no account, nothing else, and not for ever. Its secret is 256 random bits of
-- which only the SHA-256 is kept: it cannot be guessed or made from this table, and ends with its row.
create table energy.shared_links (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  site_id uuid not null references energy.sites (id) on delete cascade on update cascade,
  -- For whom it is, in its maker's words.
  name text not null,
  what text not null check (what in ('overview', 'flows', 'costs')),
  -- Of flows and costs: which period, by a day in it; null: the running one, whenever it is looked at.
  range text check (range in ('day', 'week', 'month', 'year')),
  at_day date,
  token_hash text not null,
  created_by uuid,
  created_at timestamptz(6) not null default now(),
  expires_at timestamptz(6) not null,
  revoked_at timestamptz(6),
  last_used_at timestamptz(6),
  check ((what = 'overview') = (range is null) and (range is not null or at_day is null))
);
create index shared_links_organization_id_created_at_idx on energy.shared_links (organization_id, created_at);
create index shared_links_site_id_idx on energy.shared_links (site_id);
create unique index shared_links_token_hash_key on energy.shared_links (token_hash);

-- Its use is known to the minute.
create function energy.open_link(p_token_hash text)
  returns table (organization_id uuid, site_id uuid, what text, range text, at_day text)
  language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  update energy.shared_links l set last_used_at = now()
    where l.token_hash = p_token_hash and l.revoked_at is null and l.expires_at > now()
      and (l.last_used_at is null or l.last_used_at < now() - interval '1 minute');
  return query select l.organization_id, l.site_id, l.what, l.range, l.at_day::text from energy.shared_links l
    where l.token_hash = p_token_hash and l.revoked_at is null and l.expires_at > now();
end $$;

do $$
declare t text;
begin
  foreach t in array array['invitations', 'shared_links'] loop
    execute format('alter table energy.%I enable row level security', t);
    execute format('create policy organization on energy.%I to energy_organization
      using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization())', t);
    execute format('create policy system on energy.%I to energy_system using (true) with check (true)', t);
    execute format('grant select, insert, update on energy.%I to energy_organization', t);
    execute format('grant select, insert, update, delete on energy.%I to energy_system', t);
  end loop;
end $$;
create policy sites on energy.invitations as restrictive to energy_organization using ((select energy.current_site_ids()) is null);
create policy sites on energy.shared_links as restrictive to energy_organization
  using ((select energy.current_site_ids()) is null or site_id = any ((select energy.current_site_ids())::uuid[]));

-- Somebody without an account takes an invitation: the link came to their address, so that is proved.
create function auth.sign_up_invited(p_token_hash text, p_name text, p_password_hash text)
  returns table (user_id uuid, organization_id uuid)
  language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare v_user uuid; v_organization uuid;
begin
  insert into auth.users (email, name, password_hash, email_verified_at)
    select i.email, p_name, p_password_hash, now() from energy.open_invitation(p_token_hash) i returning id into v_user;
  if v_user is null then return; end if;
  v_organization := energy.take_invitation(v_user, p_token_hash);
  if v_organization is null then raise exception 'invitation-not-valid' using errcode = 'P0001'; end if;
  return query select v_user, v_organization;
end $$;

do $$
declare f text;
begin
  foreach f in array array['energy.keep_an_owner()', 'energy.members()', 'energy.open_invitation(text)',
    'energy.take_invitation(uuid, text)', 'energy.accept_invitation(text)', 'energy.open_link(text)',
    'auth.sign_up_invited(text, text, text)'] loop
    execute format('revoke execute on function %s from public', f);
  end loop;
  grant execute on function energy.members() to energy_organization;
  grant execute on function energy.open_invitation(text), energy.accept_invitation(text), energy.open_link(text),
    auth.sign_up_invited(text, text, text) to energy_user;
end $$;

-- One more organization for a person who has an account: with them as its owner, and its first site. Null: they own many already.
create function energy.found_organization(
  p_name text, p_site text, p_timezone text, p_currency text, p_price numeric, p_co2 numeric, p_most int)
  returns uuid language plpgsql security definer set search_path = pg_catalog as $$
declare v_user uuid := auth.current_user_id(); v_organization uuid; v_site uuid;
begin
  perform from auth.users u where u.id = v_user for no key update;
  if (select count(*) from energy.memberships m where m.user_id = v_user and m.role = 'owner') >= p_most then return null; end if;
  insert into energy.organizations (name) values (p_name) returning id into v_organization;
  insert into energy.memberships (organization_id, user_id, role) values (v_organization, v_user, 'owner');
  insert into energy.sites (organization_id, name, timezone, currency, price_per_kwh, co2_g_per_kwh)
    values (v_organization, p_site, p_timezone, p_currency, p_price, p_co2) returning id into v_site;
  return v_site;
end $$;
revoke execute on function energy.found_organization(text, text, text, text, numeric, numeric, int) from public;
grant execute on function energy.found_organization(text, text, text, text, numeric, numeric, int) to energy_user;

-- Who deletes their account is not on anybody's list of invited people any more.
create function energy.forget_invitations() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  delete from energy.invitations i where i.email = old.email;
  return old;
end $$;
create trigger forget_invitations after delete on auth.users for each row execute function energy.forget_invitations();
revoke execute on function energy.forget_invitations() from public;
