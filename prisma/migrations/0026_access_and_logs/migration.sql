-- Who may see what changes at once for who is looking; a person's own log; mails that were refused; the web's heartbeat.

-- Streams end at once ------------------------------------------------------------------------------------------------------
-- Told to every web process when somebody's access may have become another: it asks again whether their streams may go on.
-- Argument: the column with the id of the person or key.
create function energy.tell_access() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  perform pg_notify('live', json_build_object('access', json_build_array(to_jsonb(old) ->> tg_argv[0]))::text);
  return null;
end $$;
create trigger tell_access after update or delete on energy.memberships for each row execute function energy.tell_access('user_id');
create trigger tell_access after update or delete on energy.support_visits for each row execute function energy.tell_access('user_id');
create trigger tell_access after delete on auth.platform_admins for each row execute function energy.tell_access('user_id');
create trigger tell_access after delete on auth.sessions for each row execute function energy.tell_access('user_id');
create trigger tell_access after update of scopes, site_ids, origins, expires_at or delete on energy.api_keys
  for each row execute function energy.tell_access('id');
revoke execute on function energy.tell_access() from public;

-- A person's own log -------------------------------------------------------------------------------------------------------
drop policy own on audit.events;
create policy own on audit.events for select to energy_user
  using (organization_id is null and object_type in ('account', 'two_factor') and object_id = auth.current_user_id()::text);

-- A text is looked for in a stretch of days: where that begins is found by this, not by reading all that is older.
create index events_organization_id_at_idx on audit.events (organization_id, at);

-- Heartbeats ---------------------------------------------------------------------------------------------------------------
alter table energy.processes drop constraint processes_kind_check,
  add constraint processes_kind_check check (kind in ('ingest', 'web', 'worker'));

-- Mails --------------------------------------------------------------------------------------------------------------------
-- How often an admin sent it again after it was refused: to the provider each of these is another mail.
alter table auth.mails add column sent_again integer not null default 0;

drop function energy.admin_mails(int);
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
        replace(m.last_error, m.recipient, '…') as "lastError", m.outcome, m.data_sealed is not null as "isKept",
        m.created_at as "createdAt"
      from auth.mails m where m.last_error is not null order by m.created_at desc limit p_limit) x);
end $$;

-- Tries one that waits at once, and one that was refused anew. false: it was sent, is being sent, or what it said is not kept.
drop function energy.admin_retry_mail(uuid);
create function energy.admin_retry_mail(p_mail uuid, p_attempts int) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
declare v_organization uuid;
begin
  perform auth.require_platform_admin();
  update auth.mails m set outcome = null, ended_at = null, sent_again = sent_again + 1
    where m.id = p_mail and m.outcome = 'refused' and m.data_sealed is not null returning m.organization_id into v_organization;
  if found then
    perform graphile_worker.add_job('send-mail',
      json_strip_nulls(json_build_object('mailId', p_mail, 'organizationId', v_organization)), max_attempts => p_attempts);
    return true;
  end if;
  return exists (
    select from graphile_worker.reschedule_jobs(array(
      select j.id from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'send-mail' and j.payload ->> 'mailId' = p_mail::text), run_at => now(), attempts => 0));
end $$;
revoke execute on function energy.admin_mails(int), energy.admin_retry_mail(uuid, int) from public;
grant execute on function energy.admin_mails(int), energy.admin_retry_mail(uuid, int) to energy_user;
