/**
 * What people switch on in a day: coffee, cooking, dishes, laundry, screens, light after sunset. On a trip, nothing.
 * About 2,100 kWh a year for a family of three or four, with the standby and the fridges of base-load.ts about 3,400.
 */
import { dayOfHousehold, instantAt, type Day } from "./calendar.ts";
import { between, chanceOf } from "./random.ts";
import { programme, thermostat, type Run } from "./run.ts";
import { sunTimes, type Place } from "./sun.ts";

export interface PeopleRuns {
  /** Everything without a plug of its own. */
  household: Run[];
  washingMachine: Run[];
}

export interface People {
  day(localDay: number): Day;
  /** What they switch on that day; the last of it may end after midnight. */
  runs(localDay: number): PeopleRuns;
}

interface Today extends Day {
  /** The instant of a minute of the wall clock. */
  at: (minutes: number) => number;
  /** Independent draws of the day, by number. */
  draw: (i: number) => number;
  localDay: number;
}

export function peopleOf(seed: number, timezone: string, place: Place): People {
  const days = chanceOf(seed, "days");
  const deeds = chanceOf(seed, "deeds");
  const day = (localDay: number) => dayOfHousehold(days, localDay);

  function runs(localDay: number): PeopleRuns {
    const at = (minutes: number) => instantAt(timezone, localDay, minutes);
    const today: Today = { ...day(localDay), at, draw: (i) => deeds(localDay * 64 + i), localDay };
    if (today.isAway) return { household: holidayTimer(today), washingMachine: [] };
    const household = [
      ...kitchen(today),
      ...dishes(today),
      ...screens(today),
      ...lights(today, place),
      ...oddJobs(today),
    ];
    return { household, washingMachine: laundry(today) };
  }

  return { day, runs };
}

const isHome = ({ wakes, sleeps, leaves, returns }: Day, minute: number): boolean =>
  minute >= wakes && minute < sleeps && !(minute >= leaves && minute < returns);

/** A lamp on a timer, so that the house looks lived in. */
function holidayTimer({ at }: Today): Run[] {
  return programme(at(1170), [{ minutes: 150, watts: 12 }]);
}

function kitchen(today: Today): Run[] {
  const { at, draw, wakes, returns, isFree, worksAtHome } = today;
  const runs = programme(at(wakes + between(draw(0), 8, 20)), [{ minutes: between(draw(1), 2.5, 4), watts: 2050 }]);
  runs.push(...programme(at(wakes + between(draw(2), 20, 32)), [{ minutes: between(draw(3), 3, 6), watts: 950 }]));
  for (const [i, hour] of [10, 15, 17, 20].entries()) {
    const minute = hour * 60 + between(draw(4 + i), 0, 50);
    if (isHome(today, minute) && draw(8 + i) < 0.6) runs.push(...programme(at(minute), [{ minutes: 3, watts: 2000 }]));
  }
  if (isFree && draw(12) < 0.7) runs.push(...cook(at(between(draw(13), 715, 765)), draw, 14));
  else if (worksAtHome) runs.push(...programme(at(between(draw(13), 735, 775)), [{ minutes: 5, watts: 1250 }]));
  const dinner = Math.max(between(draw(20), 1075, 1145), returns + 25);
  if (draw(21) < 0.85) runs.push(...cook(at(dinner), draw, 22));
  return runs;
}

/** A hob, and sometimes the oven: first heating up, then held. */
function cook(startMs: number, draw: (i: number) => number, i: number): Run[] {
  const hob = programme(startMs, [{ minutes: between(draw(i), 5, 9), watts: 1900 }]);
  const held = thermostat(hob[0]!.toMs, {
    minutes: between(draw(i + 1), 12, 26),
    watts: 1400,
    share: 0.4,
    periodMinutes: 2,
  });
  if (draw(i + 2) > 0.32) return [...hob, ...held];
  const oven = programme(startMs + 300_000, [{ minutes: 11, watts: 2300 }]);
  const baked = thermostat(oven[0]!.toMs, {
    minutes: between(draw(i + 3), 22, 45),
    watts: 2300,
    share: 0.35,
    periodMinutes: 4,
  });
  return [...hob, ...held, ...oven, ...baked];
}

function dishes({ at, draw, isFree }: Today): Run[] {
  if (draw(28) > 0.72) return [];
  const start = at(isFree && draw(29) < 0.3 ? between(draw(30), 800, 870) : between(draw(30), 1205, 1290));
  return programme(start, [
    { minutes: 14, watts: 70 },
    { minutes: 16, watts: 2050 },
    { minutes: 38, watts: 75 },
    { minutes: 13, watts: 2050 },
    { minutes: 26, watts: 20 },
  ]);
}

/** Three or four machines a week, on free days by day, else in the evening; at the weekend the tumble dryer follows. */
function laundry(today: Today): Run[] {
  const { at, draw, isFree, returns } = today;
  if (draw(31) > (isFree ? 0.75 : 0.34)) return [];
  const start = isFree ? between(draw(32), 570, 690) : Math.max(returns + 15, between(draw(32), 1010, 1130));
  const first = wash(at(start), draw(33));
  return isFree && draw(34) < 0.35 ? [...first, ...wash(first.at(-1)!.toMs + 20 * 60_000, draw(35))] : first;
}

function wash(startMs: number, warmth: number): Run[] {
  const stages = [
    { minutes: 4, watts: 90 },
    { minutes: between(warmth, 8, 19), watts: 2080 },
  ];
  for (let i = 0; i < 9; i++) stages.push({ minutes: 4, watts: 210 }, { minutes: 1.5, watts: 35 });
  stages.push({ minutes: 3, watts: 280 }, { minutes: 8, watts: 460 }, { minutes: 5, watts: 60 });
  return programme(startMs, stages);
}

function screens(today: Today): Run[] {
  const { at, draw, isFree, worksAtHome, sleeps } = today;
  const evening = between(draw(36), 1170, 1230);
  const runs = programme(at(evening), [{ minutes: sleeps - evening - 5, watts: 145 }]);
  if (worksAtHome) {
    const start = between(draw(37), 500, 530);
    runs.push(
      ...programme(at(start), [
        { minutes: 235, watts: 125 },
        { minutes: 45, watts: 20 },
        { minutes: 230, watts: 125 },
      ]),
    );
  }
  if (isFree)
    runs.push(...programme(at(between(draw(38), 600, 680)), [{ minutes: between(draw(39), 50, 140), watts: 160 }]));
  return runs;
}

/** Light where people are awake at home and it is dark outside: a few lamps in the morning, the rooms in use after sunset. */
function lights(today: Today, place: Place): Run[] {
  const { at, draw, wakes, leaves, returns, sleeps } = today;
  const sun = sunTimes(place, at(720));
  const rise = sun ? sun.riseMs + 600_000 : at(720);
  const set = sun ? sun.setMs - 900_000 : at(720);
  const runs: Run[] = [];
  const lamp = (fromMs: number, toMs: number, watts: number) => {
    if (toMs > fromMs) runs.push({ fromMs, toMs, watts });
  };
  lamp(at(wakes), Math.min(rise, at(leaves > wakes ? leaves : 660)), 55);
  lamp(Math.max(set, at(returns)), at(sleeps), 65);
  lamp(Math.max(set, at(between(draw(40), 1060, 1110))), at(between(draw(41), 1170, 1230)), 60);
  lamp(Math.max(set, at(between(draw(42), 1180, 1220))), at(sleeps - between(draw(43), 0, 30)), 45);
  return runs;
}

/** Hair dryer, vacuum cleaner, iron, tumble dryer, lawn mower. */
function oddJobs(today: Today): Run[] {
  const { at, draw, wakes, isFree } = today;
  const runs: Run[] = [];
  const sometimes = (i: number, share: number, minute: number, stages: Parameters<typeof programme>[1]) => {
    if (draw(i) < share && isHome(today, minute)) runs.push(...programme(at(minute), stages));
  };
  sometimes(44, 0.6, wakes + 12, [{ minutes: 5, watts: 1500 }]);
  sometimes(45, isFree ? 0.5 : 0.15, 620 + 60 * draw(46), [{ minutes: between(draw(47), 12, 35), watts: 750 }]);
  sometimes(48, isFree ? 0.35 : 0.1, 1110, [{ minutes: between(draw(49), 15, 35), watts: 900 }]);
  sometimes(50, isFree ? 0.6 : 0.12, 790 + 70 * draw(51), [
    { minutes: 95, watts: 640 },
    { minutes: 10, watts: 180 },
  ]);
  return runs;
}
