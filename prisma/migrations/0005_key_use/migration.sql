-- A key's last use is known to the minute: a call writes only when that has passed, so that most calls wait for no disk and
-- for no other call.
create or replace function energy.find_api_key(p_hash text)
  returns table (id uuid, organization_id uuid, scopes text[], expires_at timestamptz)
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  update energy.api_keys k set last_used_at = now()
    where k.hash = p_hash and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute');
  return query select k.id, k.organization_id, k.scopes, k.expires_at from energy.api_keys k where k.hash = p_hash;
end $$;
