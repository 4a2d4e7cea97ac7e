/**
 * Look-ups of single readings as expressions inside a statement, which Postgres plans once for all of its channels; a call of
 * telemetry.time_before and its like, which say the same, costs six times as much each. Wherever a reading lies: rows first, then
 * packed days, of which one is only unpacked where the instant is in it. `channel` and `time` are columns or short expressions.
 */

const dayOf = (time: string) => `(${time} at time zone 'UTC')::date`;

/** The time of the last reading before an instant; null: there is none. */
export const timeBefore = (channel: string, time: string): string => `greatest(
  (select r.time from telemetry.readings r where r.channel_id = ${channel} and r.time < ${time} order by r.time desc limit 1),
  (select case when packed.last_time < ${time} then packed.last_time
     else (select max(u.time) from telemetry.unpack(packed) u where u.time < ${time}) end
   from telemetry.reading_days packed
   where packed.channel_id = ${channel} and packed.day <= ${dayOf(time)} and packed.first_time < ${time} order by packed.day desc limit 1))`;

/** The time of the first reading at an instant or after it; null: there is none. */
export const timeFrom = (channel: string, time: string): string => `least(
  (select r.time from telemetry.readings r where r.channel_id = ${channel} and r.time >= ${time} order by r.time limit 1),
  (select case when packed.first_time >= ${time} then packed.first_time
     else (select min(u.time) from telemetry.unpack(packed) u where u.time >= ${time}) end
   from telemetry.reading_days packed
   where packed.channel_id = ${channel} and packed.day >= ${dayOf(time)} and packed.last_time >= ${time} order by packed.day limit 1))`;

/** The time of the reading after `count` others from an instant on: telemetry.time_ahead, which packed days are left to. */
export const timeAhead = (channel: string, time: string, count: string): string => `case
  when exists (select from telemetry.reading_days packed
    where packed.channel_id = ${channel} and packed.day >= ${dayOf(time)} and packed.last_time >= ${time})
  then telemetry.time_ahead(${channel}, ${time}, ${count})
  else (select r.time from telemetry.readings r
    where r.channel_id = ${channel} and r.time >= ${time} order by r.time offset ${count} limit 1) end`;

/** The value of the reading at an instant, as stored; null: there is none. */
export const valueAt = (channel: string, time: string): string => `coalesce(
  (select r.value from telemetry.readings r where r.channel_id = ${channel} and r.time = ${time}),
  (select u.value from telemetry.reading_days packed cross join lateral telemetry.unpack(packed) u
   where packed.channel_id = ${channel} and packed.day = ${dayOf(time)} and u.time = ${time}))`;
