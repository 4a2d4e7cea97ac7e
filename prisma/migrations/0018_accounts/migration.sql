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
