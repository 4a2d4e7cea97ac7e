/**
 * Look-ups of single readings as expressions inside a statement, which Postgres plans once for all of its channels; a call of
 * telemetry.time_before and its like, which say the same, costs six times as much each. Wherever a reading lies: rows first, then
 * packed days, of which one is only unpacked where the instant is in it. `channel` and `time` are columns or short expressions; no column
 * in sight may be named stored_day.
 */

const dayOf = (time: string) => `(${time} at time zone 'UTC')::date`;

/** The time of the last reading before an instant; null: there is none. */
export const timeBefore = (channel: string, time: string): string => `greatest(
  (select r.time from telemetry.readings r where r.channel_id = ${channel} and r.time < ${time} order by r.time desc limit 1),
  (select case when stored_day.last_time < ${time} then stored_day.last_time
     else (select max(u.time) from telemetry.unpack(stored_day) u where u.time < ${time}) end
   from telemetry.reading_days stored_day
   where stored_day.channel_id = ${channel} and stored_day.day <= ${dayOf(time)} and stored_day.first_time < ${time} order by stored_day.day desc limit 1))`;

/** The time of the first reading at an instant or after it; null: there is none. */
export const timeFrom = (channel: string, time: string): string => `least(
  (select r.time from telemetry.readings r where r.channel_id = ${channel} and r.time >= ${time} order by r.time limit 1),
  (select case when stored_day.first_time >= ${time} then stored_day.first_time
     else (select min(u.time) from telemetry.unpack(stored_day) u where u.time >= ${time}) end
   from telemetry.reading_days stored_day
   where stored_day.channel_id = ${channel} and stored_day.day >= ${dayOf(time)} and stored_day.last_time >= ${time} order by stored_day.day limit 1))`;

/** The time of the reading after `count` others from an instant on: telemetry.time_ahead, which packed days are left to. */
export const timeAhead = (channel: string, time: string, count: string): string => `case
  when exists (select from telemetry.reading_days stored_day
    where stored_day.channel_id = ${channel} and stored_day.day >= ${dayOf(time)} and stored_day.last_time >= ${time})
  then telemetry.time_ahead(${channel}, ${time}, ${count})
  else (select r.time from telemetry.readings r
    where r.channel_id = ${channel} and r.time >= ${time} order by r.time offset ${count} limit 1) end`;

/** The value of the reading at an instant, as stored; null: there is none. */
export const valueAt = (channel: string, time: string): string => `coalesce(
  (select r.value from telemetry.readings r where r.channel_id = ${channel} and r.time = ${time}),
  (select u.value from telemetry.reading_days stored_day cross join lateral telemetry.unpack(stored_day) u
   where stored_day.channel_id = ${channel} and stored_day.day = ${dayOf(time)} and u.time = ${time}))`;
