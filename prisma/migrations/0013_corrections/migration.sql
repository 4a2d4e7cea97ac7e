-- What people corrected of a channel. The raw readings stay as they came: everything is folded from the readings after their
-- corrections (domain/energy/corrections.ts). A row is never written again: undoing one is another row.
create table energy.corrections (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references energy.organizations (id) on delete cascade on update cascade,
  channel_id int not null references energy.channels (id) on delete cascade on update cascade,
  -- The order in which they were made: that is how they apply.
  number bigint generated always as identity,
  what text not null check (what in ('exclude', 'scale', 'reading', 'judge', 'replace', 'undo')),
  -- An instant, or the beginning of [from_time, to_time).
  from_time timestamptz(6),
  to_time timestamptz(6),
  -- Of scale the factor, of a reading its value in the channel's unit.
  amount double precision,
  judgement text check (judgement in ('jitter', 'glitch', 'rollover', 'reset', 'replacement', 'rise')),
  -- What the old register showed at the end and the new one at the beginning, in the channel's unit; null: not read.
  final_value double precision,
  first_value double precision,
  -- The correction that no longer holds.
  undoes uuid,
  -- Why, in the author's words.
  reason text not null default '',
  created_by uuid,
  created_at timestamptz(6) not null default now(),
  check (case what
    when 'undo' then undoes is not null and from_time is null
    when 'exclude' then from_time < to_time
    when 'scale' then from_time < to_time and amount is not null
    when 'reading' then from_time is not null and amount is not null
    when 'judge' then from_time is not null and judgement is not null
    else from_time is not null end and (what = 'undo') = (undoes is not null))
);
create index corrections_organization_id_idx on energy.corrections (organization_id);
create index corrections_channel_id_number_idx on energy.corrections (channel_id, number);
create unique index corrections_id_channel_id_key on energy.corrections (id, channel_id);
-- One is undone once, and by a row of its own channel.
create unique index corrections_undoes_channel_id_key on energy.corrections (undoes, channel_id);
alter table energy.corrections add constraint corrections_undoes_channel_id_fkey foreign key (undoes, channel_id)
  references energy.corrections (id, channel_id) on delete cascade on update cascade;

alter table energy.corrections enable row level security;
create policy organization on energy.corrections to energy_organization
  using (organization_id = energy.current_organization()) with check (organization_id = energy.current_organization());
create policy system on energy.corrections to energy_system using (true) with check (true);
grant select, insert on energy.corrections to energy_organization, energy_system;

-- Replacements were kept by themselves until now. Their table stays for as long as an older version may serve: what such a one
-- still writes there becomes a correction.
insert into energy.corrections (id, organization_id, channel_id, what, from_time, final_value, first_value, created_by, created_at)
select id, organization_id, channel_id, 'replace', at, final_value, first_value, created_by, created_at
from energy.meter_replacements order by created_at, at;

create function energy.replacement_becomes_correction() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  insert into energy.corrections (id, organization_id, channel_id, what, from_time, final_value, first_value, created_by, created_at)
  values (new.id, new.organization_id, new.channel_id, 'replace', new.at, new.final_value, new.first_value, new.created_by, new.created_at)
  on conflict (id) do nothing;
  return new;
end $$;
create trigger replacement_becomes_correction after insert on energy.meter_replacements
  for each row execute function energy.replacement_becomes_correction();

-- Marks a stretch of a channel (closed) for the roll-up.
create function energy.mark_stretch_dirty(p_channel int4, p_from timestamptz, p_to timestamptz) returns void
  language sql security definer set search_path = pg_catalog as $$
  insert into telemetry.dirty (channel_id, from_time, to_time)
  select c.id, p_from, p_to from energy.channels c
  where c.id = p_channel and (energy.current_organization() is null or c.organization_id = energy.current_organization())
$$;
revoke all on function energy.mark_stretch_dirty(int4, timestamptz, timestamptz) from public;
grant execute on function energy.mark_stretch_dirty(int4, timestamptz, timestamptz) to energy_organization, energy_system;

-- How a member of the current organization is called; null: nobody who is one now.
create function energy.member_name(p_user uuid) returns text language sql stable security definer set search_path = pg_catalog as $$
  select case when u.name <> '' then u.name else u.email end from auth.users u join energy.memberships m on m.user_id = u.id
  where u.id = p_user and m.organization_id = energy.current_organization()
$$;
revoke all on function energy.member_name(uuid) from public;
grant execute on function energy.member_name(uuid) to energy_organization;
