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
