-- Packed days hold bytes where they held arrays: doubles (and integers, of count) one after the other, as Postgres sends them. An
-- array's elements are sent one by one, which took more time than all else in a year's chart (docs/decisions/0028).

-- What lies in the bytes, for SQL and for whoever looks with psql; and the other way round. A slot that is not known is NaN.
create function telemetry.float8_bytes(p_values float8[]) returns bytea
  language sql immutable strict parallel safe set search_path = pg_catalog as $$
  select string_agg(float8send(coalesce(v, 'NaN')), '' order by i) from unnest(p_values) with ordinality as u(v, i)
$$;
create function telemetry.int4_bytes(p_values int4[]) returns bytea
  language sql immutable strict parallel safe set search_path = pg_catalog as $$
  select string_agg(int4send(v), '' order by i) from unnest(p_values) with ordinality as u(v, i)
$$;
-- IEEE 754: sign, 11 bits of exponent, 52 of mantissa. Both factors of a power of two are exact, and so is their product. (`offset 0`:
-- each part is worked out once.)
create function telemetry.float8s(p_bytes bytea) returns float8[]
  language sql immutable strict parallel safe set search_path = pg_catalog as $$
  select array_agg(
    case when exponent = 2047 then case when mantissa = 0 then 'infinity'::float8 end
      when exponent = 0 then mantissa * power(2::float8, -537) * power(2::float8, -537)
      else (mantissa + 4503599627370496) * power(2::float8, exponent / 2 - 538) * power(2::float8, exponent - exponent / 2 - 537) end
    * case when bits < 0 then -1 else 1 end order by i)
  from (
    select i, bits, (bits >> 52) & 2047 as exponent, (bits & 4503599627370495)::float8 as mantissa
    from (select i, ('x' || encode(substring(p_bytes, 1 + 8 * i, 8), 'hex'))::bit(64)::int8 as bits
      from generate_series(0, octet_length(p_bytes) / 8 - 1) i offset 0) b offset 0) parts
$$;
create function telemetry.int4s(p_bytes bytea) returns int4[]
  language sql immutable strict parallel safe set search_path = pg_catalog as $$
  select array_agg(('x' || encode(substring(p_bytes, 1 + 4 * i, 4), 'hex'))::bit(32)::int4 order by i)
  from generate_series(0, octet_length(p_bytes) / 4 - 1) i
$$;
revoke execute on function telemetry.float8_bytes(float8[]), telemetry.int4_bytes(int4[]), telemetry.float8s(bytea),
  telemetry.int4s(bytea) from public;
grant execute on function telemetry.float8s(bytea), telemetry.int4s(bytea) to energy_system;

drop view energy.channel_rollup_days;
alter table telemetry.rollup_days rename to rollup_day_arrays;
alter index telemetry.rollup_days_pkey rename to rollup_day_arrays_pkey;

-- 96 slots a column. One that says nothing is null: no energy, covered throughout (900 s), no readings, mean and the like unknown.
create table telemetry.rollup_days (
  channel_id int4 not null, day date not null,
  energy_kwh bytea check (octet_length(energy_kwh) = 768), reverse_kwh bytea check (octet_length(reverse_kwh) = 768),
  estimated_kwh bytea check (octet_length(estimated_kwh) = 768),
  estimated_reverse_kwh bytea check (octet_length(estimated_reverse_kwh) = 768),
  covered_s bytea check (octet_length(covered_s) = 768), mean bytea check (octet_length(mean) = 768),
  min bytea check (octet_length(min) = 768), max bytea check (octet_length(max) = 768),
  count bytea check (octet_length(count) = 384), last bytea check (octet_length(last) = 768),
  primary key (channel_id, day)
);
-- All of them fit on a page: none is stored apart, where each would be a page more to read.
alter table telemetry.rollup_days
  alter energy_kwh set storage main, alter reverse_kwh set storage main, alter estimated_kwh set storage main,
  alter estimated_reverse_kwh set storage main, alter covered_s set storage main, alter mean set storage main,
  alter min set storage main, alter max set storage main, alter count set storage main, alter last set storage main;

insert into telemetry.rollup_days
select channel_id, day,
  case when not 0 = all (energy_kwh) then telemetry.float8_bytes(energy_kwh) end,
  telemetry.float8_bytes(reverse_kwh), telemetry.float8_bytes(estimated_kwh), telemetry.float8_bytes(estimated_reverse_kwh),
  case when not 900 = all (covered_s) then telemetry.float8_bytes(covered_s) end,
  telemetry.float8_bytes(mean), telemetry.float8_bytes(min), telemetry.float8_bytes(max),
  case when not 0 = all (count) then telemetry.int4_bytes(count) end, telemetry.float8_bytes(last)
from telemetry.rollup_day_arrays order by channel_id, day;
drop table telemetry.rollup_day_arrays;
grant select, insert, update, delete on telemetry.rollup_days to energy_system;

-- The channel's own number, so that what is asked for is looked up in the few channels first, and not tried on every one. Like all
-- views of telemetry they run as their owner: which sites may be seen is said here (as in 0019).
create view energy.channel_rollup_days with (security_barrier) as
  select c.id as channel_id, d.day, d.energy_kwh, d.reverse_kwh, d.estimated_kwh, d.estimated_reverse_kwh, d.covered_s, d.mean, d.min,
    d.max, d.count, d.last
  from telemetry.rollup_days d join energy.channels c on c.id = d.channel_id
  where c.organization_id = energy.current_organization()
    and ((select energy.current_site_ids()) is null
      or c.device_id in (select o.id from energy.devices o where o.site_id = any ((select energy.current_site_ids())::uuid[])));
create or replace view energy.channel_rollup_buckets with (security_barrier) as
  select c.id as channel_id, b.start, b.energy_kwh, b.reverse_kwh, b.estimated_kwh, b.estimated_reverse_kwh, b.covered_s, b.mean, b.min,
    b.max, b.count, b.last
  from telemetry.rollup_buckets b join energy.channels c on c.id = b.channel_id
  where c.organization_id = energy.current_organization()
    and ((select energy.current_site_ids()) is null
      or c.device_id in (select o.id from energy.devices o where o.site_id = any ((select energy.current_site_ids())::uuid[])));
grant select on energy.channel_rollup_days to energy_organization;
