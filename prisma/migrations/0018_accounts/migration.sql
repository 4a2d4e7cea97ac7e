-- Mail --------------------------------------------------------------------------------------------------------------
-- Each mail is a row and a job (workers/tasks/send-mail.ts) that sends it. What it says may let somebody in, so it is sealed
-- and taken away when the mail is handed over; who got which mail stays for a month.
create table auth.mails (
  id uuid primary key default gen_random_uuid(),
  -- Of an organization's mails (invitations): they are deleted with it.
  organization_id uuid references energy.organizations (id) on delete cascade on update cascade,
  recipient text not null,
  -- A name of domain/mail/templates.ts, and what that template must be told, sealed.
  template text not null,
  data_sealed text,
  created_at timestamptz(6) not null default now(),
  attempts integer not null default 0,
  last_error text,
  -- Null: it waits. sent: handed to the provider; outbox: no provider is set; refused: it never will be.
  outcome text check (outcome in ('sent', 'outbox', 'refused')),
  ended_at timestamptz(6),
  -- The provider's own name for it.
  provider_id text
);
create index mails_created_at_idx on auth.mails (created_at);
create index mails_recipient_idx on auth.mails (recipient);
create index mails_organization_id_idx on auth.mails (organization_id);

alter table auth.mails enable row level security;
create policy system on auth.mails to energy_system using (true) with check (true);
grant select, insert, update, delete on auth.mails to energy_system;

-- Whoever acts may have a mail sent, but not read one.
create function auth.enqueue_mail(p_recipient text, p_template text, p_sealed text, p_attempts int) returns uuid
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_mail uuid; v_organization uuid := energy.current_organization();
begin
  insert into auth.mails (organization_id, recipient, template, data_sealed)
    values (v_organization, lower(p_recipient), p_template, p_sealed) returning id into v_mail;
  perform graphile_worker.add_job('send-mail',
    json_strip_nulls(json_build_object('mailId', v_mail, 'organizationId', v_organization)), max_attempts => p_attempts);
  return v_mail;
end $$;

-- For the developer's page where no mail provider is set; sealed, so that only the process that holds APP_SECRET can read it.
create function auth.outbox(p_recipient text, p_limit int)
  returns table (id uuid, recipient text, template text, data_sealed text, created_at timestamptz, last_error text)
  language sql stable security definer set search_path = pg_catalog
  as $$ select m.id, m.recipient, m.template, m.data_sealed, m.created_at, m.last_error from auth.mails m
        where m.data_sealed is not null and (p_recipient is null or m.recipient = lower(p_recipient))
        order by m.created_at desc, m.id limit p_limit $$;

revoke execute on function auth.enqueue_mail(text, text, text, int), auth.outbox(text, int) from public;
grant execute on function auth.enqueue_mail(text, text, text, int) to energy_user, energy_organization, energy_system;
grant execute on function auth.outbox(text, int) to energy_user;

-- Accounts ----------------------------------------------------------------------------------------------------------
-- Null: nobody has shown yet that mail to this address reaches the person.
alter table auth.users add column email_verified_at timestamptz(6);
-- Who is in already must not be kept out by a rule that came later.
update auth.users set email_verified_at = created_at;

-- Where a session was begun and last used: the browser as it calls itself, and its address on the network.
alter table auth.sessions
  add column last_used_at timestamptz(6) not null default now(),
  add column user_agent text not null default '',
  add column address text not null default '';

-- What a link in a mail, or the first half of a two-factor login, stands for. Only the SHA-256 of the token is kept. It is used
-- by deleting it.
create table auth.tokens (
  hash text primary key,
  user_id uuid not null references auth.users (id) on delete cascade on update cascade,
  purpose text not null check (purpose in ('verify-email', 'reset-password', 'change-email', 'second-factor')),
  -- The address that following the link proves, in lower case.
  email text,
  created_at timestamptz(6) not null default now(),
  expires_at timestamptz(6) not null
);
create index tokens_user_id_idx on auth.tokens (user_id);

-- The secret that a person's authenticator app makes its codes of, sealed.
create table auth.two_factors (
  user_id uuid primary key references auth.users (id) on delete cascade on update cascade,
  secret_sealed text not null,
  created_at timestamptz(6) not null default now(),
  -- Null: being set up; it is not asked for yet.
  confirmed_at timestamptz(6),
  -- The 30 s step of the newest code that was used: it and those before it are not taken again.
  last_step bigint not null default 0
);

-- Each lets its owner in once, without the app. 120 random bits, so that SHA-256 keeps them.
create table auth.recovery_codes (
  user_id uuid not null references auth.two_factors (user_id) on delete cascade on update cascade,
  hash text not null,
  used_at timestamptz(6),
  primary key (user_id, hash)
);

do $$
declare t text;
begin
  foreach t in array array['tokens', 'two_factors', 'recovery_codes'] loop
    execute format('alter table auth.%I enable row level security', t);
    execute format('create policy own on auth.%I to energy_user
      using (user_id = auth.current_user_id()) with check (user_id = auth.current_user_id())', t);
    execute format('grant select, insert, update, delete on auth.%I to energy_user', t);
  end loop;
end $$;

-- What a login needs to know of an account.
drop function auth.find_login(text);
create function auth.find_login(p_email text)
  returns table (id uuid, password_hash text, is_verified boolean, has_two_factor boolean)
  language sql stable security definer set search_path = pg_catalog
  as $$ select u.id, u.password_hash, u.email_verified_at is not null,
          exists (select from auth.two_factors f where f.user_id = u.id and f.confirmed_at is not null)
        from auth.users u where u.email = lower(p_email) $$;

-- A session ends when it was not used for long (expires_at), and in any case 90 days after the login.
drop function auth.session_user(text);
create function auth.session_user(p_session text)
  returns table (session_id text, user_id uuid, expires_at timestamptz, email text, name text, address text, is_stale boolean)
  language sql stable security definer set search_path = pg_catalog
  as $$ select s.id, s.user_id, s.expires_at, u.email, u.name, s.address, s.last_used_at < now() - interval '1 minute'
        from auth.sessions s join auth.users u on u.id = s.user_id
        where s.id = p_session and s.created_at > now() - interval '90 days' $$;

create function auth.touch_session(p_session text, p_user_agent text, p_address text) returns void
  language sql security definer set search_path = pg_catalog
  as $$ update auth.sessions set last_used_at = now(), user_agent = left(p_user_agent, 500), address = left(p_address, 100)
        where id = p_session $$;

-- Whose token this is, without using it. Nobody's that has run out.
create function auth.token_owner(p_hash text, p_purpose text) returns table (user_id uuid, email text)
  language sql stable security definer set search_path = pg_catalog
  as $$ select t.user_id, t.email from auth.tokens t
        where t.hash = p_hash and t.purpose = p_purpose and t.expires_at > now() $$;

-- Deletes the current person. Answers the organizations that nobody else owns, and then deletes nothing. They are locked, so
-- that two owners who leave at once do not both count on the other.
create function auth.delete_account() returns table (organization text)
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_user uuid := auth.current_user_id(); v_email text;
begin
  perform from energy.organizations o
    where o.id in (select m.organization_id from energy.memberships m where m.user_id = v_user and m.role = 'owner')
    order by o.id for update;
  return query
    select o.name from energy.organizations o join energy.memberships m on m.organization_id = o.id
    where m.user_id = v_user and m.role = 'owner'
      and not exists (select from energy.memberships x
                      where x.organization_id = o.id and x.role = 'owner' and x.user_id <> v_user)
    order by o.name;
  if found then return; end if;
  delete from auth.users u where u.id = v_user returning u.email into v_email;
  delete from auth.mails m where m.recipient = v_email;
  delete from auth.invitations i where i.email = v_email;
end $$;

-- For the people who run the installation, when somebody has lost both the app and the recovery codes.
create function auth.remove_two_factor(p_email text) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_user uuid;
begin
  select u.id into v_user from auth.users u where u.email = lower(p_email);
  delete from auth.two_factors f where f.user_id = v_user;
  if not found then return false; end if;
  delete from auth.sessions s where s.user_id = v_user;
  return true;
end $$;

-- The worker makes the link of a forgotten password, so that the page which takes the request does the same for every address.
create function auth.issue_reset_token(p_email text, p_hash text, p_expires timestamptz) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into auth.tokens (hash, user_id, purpose, email, expires_at)
    select p_hash, u.id, 'reset-password', u.email, p_expires from auth.users u where u.email = lower(p_email);
  return found;
end $$;

create function auth.request_reset(p_email text, p_attempts int) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform graphile_worker.add_job('write-reset-mail', json_build_object('email', lower(p_email)), max_attempts => p_attempts);
end $$;

-- What has run out: sessions, tokens, and a two-factor that was begun and never confirmed.
drop function auth.end_expired_sessions();
create function auth.forget_expired() returns void
  language sql security definer set search_path = pg_catalog
  as $$ delete from auth.sessions where expires_at <= now() or created_at <= now() - interval '90 days';
        delete from auth.tokens where expires_at <= now();
        delete from auth.two_factors where confirmed_at is null and created_at <= now() - interval '1 day' $$;

do $$
declare f text;
begin
  foreach f in array array['find_login(text)', 'session_user(text)', 'touch_session(text, text, text)',
    'token_owner(text, text)', 'delete_account()', 'request_reset(text, int)'] loop
    execute format('revoke execute on function auth.%s from public', f);
    execute format('grant execute on function auth.%s to energy_user', f);
  end loop;
  foreach f in array array['remove_two_factor(text)', 'issue_reset_token(text, text, timestamptz)', 'forget_expired()'] loop
    execute format('revoke execute on function auth.%s from public', f);
    execute format('grant execute on function auth.%s to energy_system', f);
  end loop;
end $$;
