-- API keys that say more of themselves: who made them, for which sites they are, which web pages may use them.
alter table energy.api_keys
  -- Its first characters, by which a person tells one key from another; the rest is known to nobody.
  add column prefix text not null default '',
  -- Who made it; null: a program.
  add column created_by uuid,
  -- null: every site of the organization.
  add column site_ids uuid[],
  -- Web origins ("https://energy.example") whose pages may send it.
  add column origins text[] not null default '{}',
  add constraint api_keys_scopes_check check (scopes <@ array['read', 'write', 'ingest', 'admin']);

-- Whose a key is. Its last use is known to the minute, so that most calls wait for no disk and for no other call.
drop function energy.find_api_key(text);
create function energy.find_api_key(p_hash text)
  returns table (id uuid, organization_id uuid, scopes text[], expires_at timestamptz, site_ids uuid[], origins text[])
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  update energy.api_keys k set last_used_at = now()
    where k.hash = p_hash and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute');
  return query select k.id, k.organization_id, k.scopes, k.expires_at, k.site_ids, k.origins
    from energy.api_keys k where k.hash = p_hash;
end $$;

-- The key that an access token was made from: a revoked one is gone, and its tokens with it.
create function energy.find_api_key_by_id(p_id uuid)
  returns table (id uuid, organization_id uuid, scopes text[], expires_at timestamptz, site_ids uuid[], origins text[])
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  update energy.api_keys k set last_used_at = now()
    where k.id = p_id and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute');
  return query select k.id, k.organization_id, k.scopes, k.expires_at, k.site_ids, k.origins
    from energy.api_keys k where k.id = p_id;
end $$;

-- A browser asks before it sends a key: whether any key may be used by pages of this origin.
create function energy.is_allowed_origin(p_origin text) returns boolean
  language sql stable security definer set search_path = pg_catalog as $$
  select exists (select from energy.api_keys k
    where k.origins @> array[p_origin] and (k.expires_at is null or k.expires_at > now())) $$;
create index api_keys_origins_idx on energy.api_keys using gin (origins);

revoke all on function energy.find_api_key(text), energy.find_api_key_by_id(uuid), energy.is_allowed_origin(text) from public;
grant execute on function energy.find_api_key(text), energy.find_api_key_by_id(uuid), energy.is_allowed_origin(text)
  to energy_user;

-- What access tokens are signed with (Ed25519). The newest signs; an older one verifies until its tokens are out.
create table auth.signing_keys (
  kid text primary key,
  -- The public half, as a JSON Web Key.
  public_jwk jsonb not null,
  -- The private half as PKCS 8, sealed under APP_SECRET.
  private_sealed text not null,
  created_at timestamptz(6) not null default now()
);
alter table auth.signing_keys enable row level security;
create policy system on auth.signing_keys to energy_system using (true) with check (true);
grant select, delete on auth.signing_keys to energy_system;

create function auth.signing_keys() returns table (kid text, public_jwk jsonb, private_sealed text, created_at timestamptz)
  language sql stable security definer set search_path = pg_catalog as $$
  select s.kid, s.public_jwk, s.private_sealed, s.created_at from auth.signing_keys s order by s.created_at desc, s.kid $$;

create function auth.add_signing_key(p_kid text, p_public_jwk jsonb, p_private_sealed text) returns void
  language sql security definer set search_path = pg_catalog as $$
  insert into auth.signing_keys (kid, public_jwk, private_sealed) values (p_kid, p_public_jwk, p_private_sealed) $$;

revoke all on function auth.signing_keys(), auth.add_signing_key(text, jsonb, text) from public;
grant execute on function auth.signing_keys(), auth.add_signing_key(text, jsonb, text) to energy_user, energy_system;

-- Creations that a program may safely repeat: what was answered the first time, for a day.
create table energy.idempotency_keys (
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  key text not null,
  -- SHA-256 of what was asked, and by which API key.
  request_hash text not null,
  -- null: under way.
  status smallint,
  -- The answer's body and location, sealed: it may carry a secret that is shown once.
  answer_sealed text,
  created_at timestamptz(6) not null default now(),
  primary key (organization_id, key)
);
create index idempotency_keys_created_at_idx on energy.idempotency_keys (created_at);
alter table energy.idempotency_keys enable row level security;
create policy system on energy.idempotency_keys to energy_system using (true) with check (true);
grant select, delete on energy.idempotency_keys to energy_system;

-- An organization's programs, those with a key for some sites among them, reach this table only by these: each speaks of one key.
-- Claims a key. No row: it is claimed now. One that is under way for longer than p_cut_off_s was cut off; an old one counts no more.
create function energy.begin_once(p_key text, p_request_hash text, p_cut_off_s int, p_kept_s int)
  returns table (request_hash text, status smallint, answer_sealed text)
  language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  loop
    insert into energy.idempotency_keys as k (organization_id, key, request_hash)
      values (energy.current_organization(), p_key, p_request_hash)
      on conflict (organization_id, key) do update
        set request_hash = p_request_hash, status = null, answer_sealed = null, created_at = now()
        where k.created_at < now() - case when k.status is null then p_cut_off_s else p_kept_s end * interval '1 second';
    if found then return; end if;
    return query select k.request_hash, k.status, k.answer_sealed from energy.idempotency_keys k
      where k.organization_id = energy.current_organization() and k.key = p_key;
    -- Given up between the two: once more.
    if found then return; end if;
  end loop;
end $$;

create function energy.keep_answer(p_key text, p_request_hash text, p_status smallint, p_answer_sealed text) returns void
  language sql security definer set search_path = pg_catalog as $$
  update energy.idempotency_keys set status = p_status, answer_sealed = p_answer_sealed
  where organization_id = energy.current_organization() and key = p_key and request_hash = p_request_hash $$;

create function energy.forget_once(p_key text, p_request_hash text) returns void
  language sql security definer set search_path = pg_catalog as $$
  delete from energy.idempotency_keys
  where organization_id = energy.current_organization() and key = p_key and request_hash = p_request_hash and status is null $$;

revoke all on function energy.begin_once(text, text, int, int), energy.keep_answer(text, text, smallint, text),
  energy.forget_once(text, text) from public;
grant execute on function energy.begin_once(text, text, int, int), energy.keep_answer(text, text, smallint, text),
  energy.forget_once(text, text) to energy_organization;
