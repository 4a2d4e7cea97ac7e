-- The people who run the installation, what each organization may use, how the processes do, and how secrets are sealed.

-- Plans -----------------------------------------------------------------------------------------------------------------
-- What an organization may use. Null: no limit.
create table energy.plans (
  name text primary key check (name ~ '^[a-z][a-z0-9-]{0,39}$'),
  title text not null check (length(title) between 1 and 100),
  devices integer check (devices > 0),
  channels integer check (channels > 0),
  members integer check (members > 0),
  readings_per_day bigint check (readings_per_day > 0),
  -- Readings and what was made of them are deleted after so many days.
  retention_days integer check (retention_days >= 31),
  created_at timestamptz(6) not null default now()
);
alter table energy.plans enable row level security;
create policy system on energy.plans to energy_system using (true) with check (true);
grant select, insert, update, delete on energy.plans to energy_system;
insert into energy.plans (name, title, devices, channels, members, readings_per_day) values
  ('standard', 'Standard', 1000, 50000, 100, 20000000),
  ('unlimited', 'No limits', null, null, null, null);

-- Who is here already, and whoever is first, runs the installation: no limits for them (docs/decisions/0022).
alter table energy.organizations add column plan text not null default 'unlimited';
alter table energy.organizations alter column plan set default 'standard',
  add constraint organizations_plan_fkey foreign key (plan) references energy.plans (name) on update cascade on delete restrict;
create index organizations_plan_idx on energy.organizations (plan);

create function energy.first_is_unlimited() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if not exists (select from energy.organizations) then new.plan := 'unlimited'; end if;
  return new;
end $$;
create trigger first_is_unlimited before insert on energy.organizations
  for each row execute function energy.first_is_unlimited();

-- An organization changes its name, not its plan.
revoke update on energy.organizations from energy_organization;
grant update (name) on energy.organizations to energy_organization;

-- Readings that came in, by UTC day; `refused`: because they were more than the plan has.
create table energy.usage_days (
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  day date not null,
  readings bigint not null,
  refused bigint not null default 0,
  primary key (organization_id, day)
);
create index usage_days_day_idx on energy.usage_days (day);
alter table energy.usage_days enable row level security;
create policy system on energy.usage_days to energy_system using (true) with check (true);
grant select, insert, update, delete on energy.usage_days to energy_system;

create function energy.utc_day() returns date language sql stable
  as $$ select (now() at time zone 'UTC')::date $$;

create function energy.used(p_organization uuid, p_quota text) returns bigint
  language sql stable security definer set search_path = pg_catalog as $$
  select case p_quota
    when 'devices' then (select count(*) from energy.devices d
      where d.organization_id = p_organization and d.deleted_at is null and d.merged_into is null)
    when 'channels' then (select count(*) from energy.channels c join energy.devices d on d.id = c.device_id
      where c.organization_id = p_organization and c.merged_into is null and d.deleted_at is null)
    -- Whoever is asked in has a place kept for them.
    when 'members' then (select count(*) from energy.memberships m where m.organization_id = p_organization)
      + (select count(*) from energy.invitations i where i.organization_id = p_organization
         and i.accepted_at is null and i.revoked_at is null and i.expires_at > now())
    when 'readings' then coalesce((select u.readings from energy.usage_days u
      where u.organization_id = p_organization and u.day = energy.utc_day()), 0)
  end $$;

create function energy.quota(p_organization uuid, p_quota text) returns bigint
  language sql stable security definer set search_path = pg_catalog as $$
  select case p_quota when 'devices' then p.devices when 'channels' then p.channels when 'members' then p.members
    when 'readings' then p.readings_per_day end::bigint
  from energy.organizations o join energy.plans p on p.name = o.plan where o.id = p_organization $$;

-- After each statement that made some, whichever way it came. Whoever else makes some waits, and then counts these too.
create function energy.keep_quota() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare v_organization uuid; v_made bigint; v_used bigint; v_most bigint;
begin
  for v_organization, v_made in select organization_id, count(*) from made group by organization_id loop
    v_most := energy.quota(v_organization, tg_argv[0]);
    continue when v_most is null;
    perform pg_advisory_xact_lock(hashtextextended('quota ' || v_organization, 0));
    v_used := energy.used(v_organization, tg_argv[0]);
    if v_used > v_most then
      raise exception 'quota' using errcode = 'P0001',
        detail = json_build_object('quota', tg_argv[0], 'most', v_most, 'used', v_used - v_made)::text;
    end if;
  end loop;
  return null;
end $$;
create trigger keep_quota after insert on energy.devices
  referencing new table as made for each statement execute function energy.keep_quota('devices');
create trigger keep_quota after insert on energy.channels
  referencing new table as made for each statement execute function energy.keep_quota('channels');
create trigger keep_quota after insert on energy.memberships
  referencing new table as made for each statement execute function energy.keep_quota('members');
create trigger keep_quota after insert on energy.invitations
  referencing new table as made for each statement execute function energy.keep_quota('members');

-- What the current organization uses of its plan, and its last month. Not for a member who sees some sites only.
create function energy.current_usage()
  returns table (plan text, title text, retention_days int, quota text, used bigint, most bigint)
  language sql stable security definer set search_path = pg_catalog as $$
  select p.name, p.title, p.retention_days, q, energy.used(o.id, q), energy.quota(o.id, q)
  from energy.organizations o join energy.plans p on p.name = o.plan
  cross join unnest(array['devices', 'channels', 'members', 'readings']) q
  where o.id = energy.current_organization() and energy.current_site_ids() is null $$;

create function energy.current_usage_days() returns table (day text, readings bigint, refused bigint)
  language sql stable security definer set search_path = pg_catalog as $$
  select u.day::text, u.readings, u.refused from energy.usage_days u
  where u.organization_id = energy.current_organization() and energy.current_site_ids() is null
    and u.day > energy.utc_day() - 31 order by u.day $$;

-- That owners were told; once for each period (a UTC day for readings, else a month), named by its first day.
create table energy.quota_warnings (
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  quota text not null,
  period date not null,
  sent_at timestamptz(6) not null default now(),
  primary key (organization_id, quota, period)
);
alter table energy.quota_warnings enable row level security;
create policy system on energy.quota_warnings to energy_system using (true) with check (true);
grant select, insert, update, delete on energy.quota_warnings to energy_system;

create function energy.owners_of(p_organization uuid) returns table (email text)
  language sql stable security definer set search_path = pg_catalog as $$
  select u.email from energy.memberships m join auth.users u on u.id = m.user_id
  where m.organization_id = p_organization and m.role = 'owner' order by u.email $$;

-- Processes -------------------------------------------------------------------------------------------------------------
-- Each ingest and worker says every few seconds that it lives, and how it does.
create table energy.processes (
  id uuid primary key,
  kind text not null check (kind in ('ingest', 'worker')),
  host text not null,
  pid integer not null,
  -- Of a worker: the number that it holds by an advisory lock while it lives, and its name in the queue.
  number integer,
  queue_name text,
  started_at timestamptz(6) not null default now(),
  beat_at timestamptz(6) not null default now(),
  facts jsonb not null default '{}'
);
create index processes_beat_at_idx on energy.processes (beat_at);
alter table energy.processes enable row level security;
create policy system on energy.processes to energy_system using (true) with check (true);
grant select, insert, update, delete on energy.processes to energy_system;

-- People who run the platform -------------------------------------------------------------------------------------------
create table auth.platform_admins (
  user_id uuid primary key references auth.users (id) on delete cascade on update cascade,
  granted_at timestamptz(6) not null default now()
);
alter table auth.platform_admins enable row level security;
create policy system on auth.platform_admins to energy_system using (true) with check (true);
grant select, insert, update, delete on auth.platform_admins to energy_system;

-- By command only. Answers whether there is an account with this address.
create function auth.set_platform_admin(p_email text, p_is_admin boolean) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_user uuid;
begin
  select id into v_user from auth.users where email = lower(p_email);
  if not found then return false; end if;
  if p_is_admin then insert into auth.platform_admins (user_id) values (v_user) on conflict do nothing;
  else
    delete from auth.platform_admins where user_id = v_user;
    update energy.support_visits set left_at = now() where user_id = v_user and left_at is null;
  end if;
  return true;
end $$;

create function auth.platform_admins() returns table (email text, granted_at timestamptz)
  language sql stable security definer set search_path = pg_catalog as $$
  select u.email, a.granted_at from auth.platform_admins a join auth.users u on u.id = a.user_id order by u.email $$;

create function auth.is_platform_admin() returns boolean language sql stable security definer set search_path = pg_catalog
  as $$ select exists (select from auth.platform_admins a where a.user_id = auth.current_user_id()) $$;

-- Each function of theirs asks this first.
create function auth.require_platform_admin() returns void language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  if not auth.is_platform_admin() then raise exception 'not an admin of the platform' using errcode = '42501'; end if;
end $$;

-- Support ---------------------------------------------------------------------------------------------------------------
-- An owner lets the people who run the platform look in, for some hours.
create table energy.support_grants (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  granted_by uuid not null,
  granted_at timestamptz(6) not null default now(),
  expires_at timestamptz(6) not null,
  ended_at timestamptz(6),
  check (expires_at > granted_at and expires_at <= granted_at + interval '24 hours')
);
create index support_grants_organization_id_granted_at_idx on energy.support_grants (organization_id, granted_at);
-- Who looked in, under which consent.
create table energy.support_visits (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  grant_id uuid not null references energy.support_grants (id) on delete cascade on update cascade,
  user_id uuid not null references auth.users (id) on delete cascade on update cascade,
  entered_at timestamptz(6) not null default now(),
  left_at timestamptz(6)
);
create index support_visits_organization_id_idx on energy.support_visits (organization_id);
create index support_visits_grant_id_idx on energy.support_visits (grant_id);
create index support_visits_user_id_idx on energy.support_visits (user_id);
do $$
declare t text;
begin
  foreach t in array array['support_grants', 'support_visits'] loop
    execute format('alter table energy.%I enable row level security', t);
    execute format('create policy system on energy.%I to energy_system using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on energy.%I to energy_system', t);
  end loop;
end $$;

-- The consent that holds now.
create function energy.open_support(p_organization uuid) returns table (id uuid, granted_by uuid, granted_at timestamptz, expires_at timestamptz)
  language sql stable security definer set search_path = pg_catalog as $$
  select g.id, g.granted_by, g.granted_at, g.expires_at from energy.support_grants g
  where g.organization_id = p_organization and g.ended_at is null and g.expires_at > now()
  order by g.granted_at desc limit 1 $$;

-- By an owner: p_hours from now, in place of an earlier consent. false: they are no owner (any more).
create function energy.grant_support(p_user uuid, p_hours int) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_organization uuid := energy.current_organization();
begin
  if not exists (select from energy.memberships m
    where m.organization_id = v_organization and m.user_id = p_user and m.role = 'owner') then return false; end if;
  perform energy.end_support();
  insert into energy.support_grants (organization_id, granted_by, expires_at)
    values (v_organization, p_user, now() + p_hours * interval '1 hour');
  return true;
end $$;

create function energy.end_support() returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  update energy.support_grants set ended_at = now()
    where organization_id = energy.current_organization() and ended_at is null and expires_at > now();
  update energy.support_visits set left_at = now()
    where organization_id = energy.current_organization() and left_at is null;
end $$;

-- Until when the current organization lets support look in, since whose word, and who is in.
create function energy.current_support()
  returns table (granted_by text, granted_at timestamptz, expires_at timestamptz, visitors text[])
  language sql stable security definer set search_path = pg_catalog as $$
  select (select u.email from auth.users u where u.id = g.granted_by), g.granted_at, g.expires_at,
    array(select distinct u.email from energy.support_visits v join auth.users u on u.id = v.user_id
          where v.grant_id = g.id and v.left_at is null order by 1)
  from energy.open_support(energy.current_organization()) g $$;

-- Of an admin of the platform. false: nobody lets them in.
create function energy.enter_support(p_organization uuid) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_grant uuid;
begin
  perform auth.require_platform_admin();
  select id into v_grant from energy.open_support(p_organization);
  if not found then return false; end if;
  if not exists (select from energy.support_visits v
    where v.grant_id = v_grant and v.user_id = auth.current_user_id() and v.left_at is null) then
    insert into energy.support_visits (organization_id, grant_id, user_id) values (p_organization, v_grant, auth.current_user_id());
  end if;
  return true;
end $$;

create function energy.leave_support(p_organization uuid) returns void language sql security definer set search_path = pg_catalog as $$
  update energy.support_visits set left_at = now()
  where organization_id = p_organization and user_id = auth.current_user_id() and left_at is null $$;

-- Where the person is let in for support just now: as a viewer, and nowhere that they belong anyway.
create function energy.support_memberships() returns table (organization_id uuid, organization text, expires_at timestamptz)
  language sql stable security definer set search_path = pg_catalog as $$
  select o.id, o.name, min(g.expires_at) from energy.support_visits v
  join energy.support_grants g on g.id = v.grant_id and g.ended_at is null and g.expires_at > now()
  join energy.organizations o on o.id = v.organization_id
  where v.user_id = auth.current_user_id() and v.left_at is null and auth.is_platform_admin()
    and not exists (select from energy.memberships m where m.organization_id = o.id and m.user_id = v.user_id)
  group by o.id, o.name $$;

create function energy.support_organization_of(p_site uuid) returns uuid
  language sql stable security definer set search_path = pg_catalog as $$
  select s.organization_id from energy.sites s join energy.support_memberships() m on m.organization_id = s.organization_id
  where s.id = p_site $$;

-- Each of these is a change that somebody answers for. Not of energy.processes, energy.usage_days and energy.quota_warnings: what the
-- system counts and does by itself.
select audit.watch('energy.plans');
select audit.watch('auth.platform_admins');
select audit.watch('energy.support_grants');
select audit.watch('energy.support_visits');

-- What they see: numbers, never what is in them. ---------------------------------------------------------------------------
create function energy.admin_organizations(p_search text, p_limit int, p_offset int)
  returns table (id uuid, name text, created_at timestamptz, plan text, devices bigint, channels bigint, members bigint,
    readings bigint, refused bigint, readings_week bigint, fullest float8, support_until timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform auth.require_platform_admin();
  return query
    with page as (
      select o.* from energy.organizations o
      where p_search = '' or position(lower(p_search) in lower(o.name)) > 0 or o.id::text = lower(p_search)
      order by o.created_at desc, o.id limit p_limit offset p_offset)
    select o.id, o.name, o.created_at, o.plan, u.devices, u.channels, u.members, u.readings,
      coalesce((select d.refused from energy.usage_days d where d.organization_id = o.id and d.day = energy.utc_day()), 0),
      coalesce((select sum(d.readings)::bigint from energy.usage_days d
        where d.organization_id = o.id and d.day > energy.utc_day() - 7), 0),
      greatest(u.devices::float8 / p.devices, u.channels::float8 / p.channels, u.members::float8 / p.members,
        u.readings::float8 / p.readings_per_day),
      (select s.expires_at from energy.open_support(o.id) s)
    from page o join energy.plans p on p.name = o.plan
    cross join lateral (select energy.used(o.id, 'devices') as devices, energy.used(o.id, 'channels') as channels,
      energy.used(o.id, 'members') as members, energy.used(o.id, 'readings') as readings) u
    order by o.created_at desc, o.id;
end $$;

create function energy.admin_plans()
  returns table (name text, title text, devices int, channels int, members int, readings_per_day bigint, retention_days int, organizations bigint)
  language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform auth.require_platform_admin();
  return query select p.name, p.title, p.devices, p.channels, p.members, p.readings_per_day, p.retention_days,
    (select count(*) from energy.organizations o where o.plan = p.name) from energy.plans p order by p.created_at, p.name;
end $$;

-- false: there is no such organization or plan.
create function energy.admin_set_plan(p_organization uuid, p_plan text) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform auth.require_platform_admin();
  update energy.organizations set plan = p_plan
    where id = p_organization and exists (select from energy.plans p where p.name = p_plan);
  return found;
end $$;

-- A new plan, or new limits of one that is there.
create function energy.admin_save_plan(p_name text, p_title text, p_devices int, p_channels int, p_members int, p_readings bigint, p_retention int)
  returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform auth.require_platform_admin();
  insert into energy.plans as p (name, title, devices, channels, members, readings_per_day, retention_days)
    values (p_name, p_title, p_devices, p_channels, p_members, p_readings, p_retention)
    on conflict (name) do update set title = excluded.title, devices = excluded.devices, channels = excluded.channels,
      members = excluded.members, readings_per_day = excluded.readings_per_day, retention_days = excluded.retention_days;
end $$;

create function energy.admin_processes()
  returns table (kind text, host text, pid int, started_at timestamptz, silent_s float8, facts jsonb)
  language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform auth.require_platform_admin();
  return query select p.kind, p.host, p.pid, p.started_at, extract(epoch from clock_timestamp() - p.beat_at)::float8, p.facts
    from energy.processes p where p.beat_at > now() - interval '1 day' order by p.kind, p.started_at;
end $$;

create function energy.admin_queue() returns table (task text, waiting bigint, running bigint, failed bigint, oldest_s float8)
  language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform auth.require_platform_admin();
  return query select t.identifier,
      count(*) filter (where j.locked_at is null and j.attempts < j.max_attempts),
      count(*) filter (where j.locked_at is not null),
      count(*) filter (where j.locked_at is null and j.last_error is not null),
      extract(epoch from now() - min(j.run_at) filter (where j.locked_at is null and j.attempts < j.max_attempts and j.run_at <= now()))::float8
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    group by t.identifier order by t.identifier;
end $$;

-- Jobs that failed, whether they will be tried again or not. Not their payload: it is a tenant's.
create function energy.admin_failed_jobs(p_limit int)
  returns table (id bigint, task text, attempts int, max_attempts int, last_error text, run_at timestamptz, created_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform auth.require_platform_admin();
  return query select j.id::bigint, t.identifier, j.attempts::int, j.max_attempts::int, left(j.last_error, 2000), j.run_at, j.created_at
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where j.last_error is not null and j.locked_at is null
    order by (j.attempts >= j.max_attempts) desc, j.run_at desc limit p_limit;
end $$;

-- As if it were new, at once. false: it is gone, or is running.
create function energy.admin_retry_job(p_job bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform auth.require_platform_admin();
  return exists (select from graphile_worker.reschedule_jobs(array[p_job], run_at => now(), attempts => 0));
end $$;

-- Whom a mail is for only as far as it tells where delivery fails.
create function energy.admin_mails(p_limit int)
  returns table (waiting bigint, refused bigint, sent_day bigint, troubled jsonb)
  language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  perform auth.require_platform_admin();
  return query select
    (select count(*) from auth.mails m where m.outcome is null),
    (select count(*) from auth.mails m where m.outcome = 'refused' and m.ended_at > now() - interval '7 days'),
    (select count(*) from auth.mails m where m.outcome in ('sent', 'outbox') and m.ended_at > now() - interval '1 day'),
    (select coalesce(jsonb_agg(x), '[]') from (
      select m.id, m.template, left(m.recipient, 1) || '…@' || split_part(m.recipient, '@', 2) as recipient, m.attempts,
        replace(m.last_error, m.recipient, '…') as "lastError", m.outcome, m.created_at as "createdAt"
      from auth.mails m where m.last_error is not null order by m.created_at desc limit p_limit) x);
end $$;

-- Tries one that waits at once. false: it was sent, refused, or is being sent.
create function energy.admin_retry_mail(p_mail uuid) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform auth.require_platform_admin();
  return exists (
    select from graphile_worker.reschedule_jobs(array(
      select j.id from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'send-mail' and j.payload ->> 'mailId' = p_mail::text), run_at => now(), attempts => 0));
end $$;

create function energy.admin_database()
  returns table (bytes bigint, readings_bytes bigint, days_bytes bigint, connections int, oldest_partition text, partitions int, engine text, version text)
  language plpgsql stable security definer set search_path = pg_catalog as $$
declare v_engine text := (select name from telemetry.engine);
begin
  perform auth.require_platform_admin();
  return query select pg_database_size(current_database()),
    (select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c
      where c.relkind = 'r' and (c.oid = 'telemetry.readings'::regclass
        or c.oid in (select inhrelid from pg_inherits where inhparent = 'telemetry.readings'::regclass))),
    pg_total_relation_size('telemetry.reading_days'),
    (select count(*)::int from pg_stat_activity a where a.datname = current_database()),
    (select min(c.relname)::text from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'telemetry.readings'::regclass),
    (select count(*)::int from pg_inherits i where i.inhparent = 'telemetry.readings'::regclass),
    v_engine, current_setting('server_version');
end $$;

-- Sealed columns --------------------------------------------------------------------------------------------------------
-- What is sealed opens in its own row only, so the row's name is known before it is there.
drop function auth.enqueue_mail(text, text, text, int);
create function auth.enqueue_mail(p_id uuid, p_recipient text, p_template text, p_sealed text, p_attempts int) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_organization uuid := energy.current_organization();
begin
  insert into auth.mails (id, organization_id, recipient, template, data_sealed)
    values (p_id, v_organization, lower(p_recipient), p_template, p_sealed);
  perform graphile_worker.add_job('send-mail',
    json_strip_nulls(json_build_object('mailId', p_id, 'organizationId', v_organization)), max_attempts => p_attempts);
end $$;

-- They are sealed anew when APP_SECRET changes (db/rotate-secrets.ts).
grant update (private_sealed) on auth.signing_keys to energy_system;
grant update (answer_sealed) on energy.idempotency_keys to energy_system;
create policy system on auth.two_factors to energy_system using (true) with check (true);
grant select, update (secret_sealed) on auth.two_factors to energy_system;

revoke execute on function energy.first_is_unlimited(), energy.utc_day(), energy.used(uuid, text), energy.quota(uuid, text),
  energy.keep_quota(), energy.current_usage(), energy.current_usage_days(), energy.owners_of(uuid),
  auth.set_platform_admin(text, boolean), auth.platform_admins(), auth.is_platform_admin(), auth.require_platform_admin(),
  energy.open_support(uuid), energy.grant_support(uuid, int), energy.end_support(), energy.current_support(),
  energy.enter_support(uuid), energy.leave_support(uuid), energy.support_memberships(), energy.support_organization_of(uuid),
  energy.admin_organizations(text, int, int), energy.admin_plans(), energy.admin_set_plan(uuid, text),
  energy.admin_save_plan(text, text, int, int, int, bigint, int), energy.admin_processes(), energy.admin_queue(),
  energy.admin_failed_jobs(int), energy.admin_retry_job(bigint), energy.admin_mails(int), energy.admin_retry_mail(uuid),
  energy.admin_database(), auth.enqueue_mail(uuid, text, text, text, int) from public;
grant execute on function energy.current_usage(), energy.current_usage_days(), energy.grant_support(uuid, int), energy.end_support(),
  energy.current_support() to energy_organization;
grant execute on function energy.utc_day(), energy.used(uuid, text), energy.quota(uuid, text), energy.owners_of(uuid),
  auth.set_platform_admin(text, boolean), auth.platform_admins() to energy_system;
grant execute on function auth.is_platform_admin(), energy.enter_support(uuid), energy.leave_support(uuid),
  energy.support_memberships(), energy.support_organization_of(uuid), energy.admin_organizations(text, int, int), energy.admin_plans(),
  energy.admin_set_plan(uuid, text), energy.admin_save_plan(text, text, int, int, int, bigint, int), energy.admin_processes(),
  energy.admin_queue(), energy.admin_failed_jobs(int), energy.admin_retry_job(bigint), energy.admin_mails(int),
  energy.admin_retry_mail(uuid), energy.admin_database() to energy_user;
grant execute on function auth.enqueue_mail(uuid, text, text, text, int) to energy_user, energy_organization, energy_system;
