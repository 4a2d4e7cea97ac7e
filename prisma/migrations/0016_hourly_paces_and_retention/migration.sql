-- The pace of each hour of a learned day, so that a new hour costs the look at that hour; null: not looked at one by one yet.
alter table telemetry.cadence add column hourly_paces float8[];
