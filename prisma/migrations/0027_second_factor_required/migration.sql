-- An organization can ask its members for a second factor: who has none sees nothing of it until they have set one up.
alter table energy.organizations add column requires_second_factor boolean not null default false;
grant update (requires_second_factor) on energy.organizations to energy_organization;
