-- Webhooks: what happens in an organization is told to addresses that its admins name.
create table energy.webhooks (
  id uuid primary key,
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  name text not null check (length(name) between 1 and 100),
  url text not null check (length(url) <= 2000),
  -- Types of events that it is told.
  events text[] not null,
  -- What messages are signed with, as JSON: the secret in force, and for a day the one before. Sealed under APP_SECRET.
  secrets_sealed text not null,
  -- Null: a program.
  created_by uuid,
  created_at timestamptz(6) not null default now(),
  -- It is told what happened since: it was made, switched on, or given other events.
  tells_from timestamptz(6) not null default now(),
  -- The first try that failed after the last that did not.
  failing_since timestamptz(6),
  -- Switched off, and why: a person did it, the receiver said 410 Gone, or nothing came through for days.
  off_since timestamptz(6),
  off_reason text check (off_reason in ('person', 'gone', 'failing')),
  -- Events that were not kept for it, because too many waited.
  unsent bigint not null default 0,
  check ((off_since is null) = (off_reason is null))
);
create index webhooks_organization_id_created_at_idx on energy.webhooks (organization_id, created_at);

-- A message for one webhook, kept for 30 days: also what is sent again.
create table energy.webhook_deliveries (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  webhook_id uuid not null references energy.webhooks (id) on delete cascade on update cascade,
  type text not null,
  occurred_at timestamptz(6) not null,
  data jsonb not null,
  created_at timestamptz(6) not null default now(),
  -- Null: it is tried again at next_try_at.
  outcome text check (outcome in ('delivered', 'failed', 'dropped')),
  tries int not null default 0,
  next_try_at timestamptz(6) default now(),
  -- Of the last try.
  tried_at timestamptz(6),
  duration_ms int,
  status int,
  fault text,
  -- The first kilobyte of what the receiver said.
  answer text
);
create index webhook_deliveries_webhook_id_created_at_id_idx on energy.webhook_deliveries (webhook_id, created_at, id);
create index webhook_deliveries_organization_id_idx on energy.webhook_deliveries (organization_id);
create index webhook_deliveries_created_at_idx on energy.webhook_deliveries (created_at);

-- Devices that are silent at present, where a webhook is told of it: what was told once is not told again.
create table energy.silent_devices (
  device_id uuid primary key references energy.devices (id) on delete cascade on update cascade,
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  since timestamptz(6) not null
);
create index silent_devices_organization_id_idx on energy.silent_devices (organization_id);

do $$
declare t text;
begin
  foreach t in array array['webhooks', 'webhook_deliveries', 'silent_devices'] loop
    execute format('alter table energy.%I enable row level security', t);
    execute format('create policy system on energy.%I to energy_system using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on energy.%I to energy_system', t);
  end loop;
  foreach t in array array['webhooks', 'webhook_deliveries'] loop
    execute format('create policy organization on energy.%I to energy_organization
      using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization())', t);
    -- Of the organization as a whole: not for whoever is limited to some sites.
    execute format('create policy sites on energy.%I as restrictive to energy_organization using ((select energy.current_site_ids()) is null)', t);
  end loop;
end $$;
grant select, insert, update, delete on energy.webhooks to energy_organization;
grant select, insert, update on energy.webhook_deliveries to energy_organization;
select audit.watch('energy.webhooks', p_quiet => '{tells_from,failing_since,unsent}');

-- Each of these queues does one job at a time, so a slow receiver keeps the messages of its own organization waiting (and of the few
-- that share its queue), not everybody's. A queue for each organization would be a table of them that grows.
create function energy.webhook_queue(p_organization uuid) returns text language sql immutable parallel safe set search_path = pg_catalog
  as $$ select 'webhooks ' || (hashtext(p_organization::text) & 255) $$;

-- Writes a message down for every webhook that wants it, and puts the job in that sends it: with what happened, or not at all.
create function energy.tell_webhooks(p_organization uuid, p_type text, p_data jsonb, p_occurred_at timestamptz) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_webhook uuid; v_delivery uuid;
begin
  for v_webhook in
    select w.id from energy.webhooks w
    where w.organization_id = p_organization and w.off_since is null and p_type = any (w.events) and w.tells_from <= p_occurred_at
  loop
    if (select count(*) from energy.webhook_deliveries d where d.webhook_id = v_webhook and d.outcome is null) >= 1000 then
      update energy.webhooks set unsent = unsent + 1 where id = v_webhook;
      continue;
    end if;
    insert into energy.webhook_deliveries (organization_id, webhook_id, type, occurred_at, data)
      values (p_organization, v_webhook, p_type, p_occurred_at, p_data) returning id into v_delivery;
    perform graphile_worker.add_job('deliver-webhook',
      json_build_object('organizationId', p_organization, 'deliveryId', v_delivery),
      queue_name => energy.webhook_queue(p_organization), job_key => 'webhook ' || v_delivery);
  end loop;
end $$;

-- By the context itself: an organization speaks for itself alone, the system names one.
create function energy.announce(p_type text, p_data jsonb, p_organization uuid, p_occurred_at timestamptz) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform energy.tell_webhooks(
    case current_setting('role') when 'energy_organization' then energy.current_organization() when 'energy_system' then p_organization end,
    p_type, p_data, coalesce(p_occurred_at, now()));
end $$;

-- People join and leave in many ways; all of them are here.
create function energy.announce_member() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare v energy.memberships := case tg_op when 'DELETE' then old else new end;
begin
  perform energy.tell_webhooks(v.organization_id, case tg_op when 'DELETE' then 'member.removed' else 'member.joined' end,
    jsonb_build_object('userId', v.user_id, 'email', (select u.email from auth.users u where u.id = v.user_id), 'role', v.role), now());
  return null;
end $$;
create trigger announce_member after insert or delete on energy.memberships for each row execute function energy.announce_member();

-- Who is told when a webhook is switched off.
create function energy.admins_of(p_organization uuid) returns table (email text)
  language sql stable security definer set search_path = pg_catalog as $$
  select u.email from energy.memberships m join auth.users u on u.id = m.user_id
  where m.organization_id = p_organization and m.role in ('owner', 'admin') and m.site_ids is null order by u.email $$;

-- Warnings at the limit too, beside those at 80 %.
alter table energy.quota_warnings add column level text not null default 'near' check (level in ('near', 'full')),
  drop constraint quota_warnings_pkey, add primary key (organization_id, quota, period, level);

revoke execute on function energy.webhook_queue(uuid), energy.tell_webhooks(uuid, text, jsonb, timestamptz), energy.announce(text, jsonb, uuid, timestamptz),
  energy.announce_member(), energy.admins_of(uuid) from public;
grant execute on function energy.webhook_queue(uuid), energy.announce(text, jsonb, uuid, timestamptz) to energy_organization, energy_system;
grant execute on function energy.admins_of(uuid) to energy_system;
