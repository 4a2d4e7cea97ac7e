/**
 * Where the sun stands. Declination and equation of time by Spencer (1971): within about 0.2 degrees, one minute of time.
 * Worked: Berlin (52.5 N, 13.4 E), 21 June, 11:08 UTC: 60.9 degrees high, in the south.
 */
const rad = Math.PI / 180;
const dayMs = 86_400_000;
/** Centre of the sun below the horizon at sunset: refraction and half its disc. */
const horizonDegrees = -0.833;

export interface Place {
  /** Degrees, north positive. */
  latitude: number;
  /** Degrees, east positive. */
  longitude: number;
}

export interface SunPosition {
  /** Sine of the elevation above the horizon: below 0 at night. */
  sinElevation: number;
  /** Azimuth in radians from south, west positive. */
  azimuth: number;
}

/** Position of the sun at an instant (epoch milliseconds). */
export function sunAt({ latitude, longitude }: Place, ms: number): SunPosition {
  const { declination, equationMinutes } = seasonAt(ms);
  const solarMinutes = (ms % dayMs) / 60_000 + 4 * longitude + equationMinutes;
  const hourAngle = (solarMinutes / 4 - 180) * rad;
  const phi = latitude * rad;
  const sinElevation =
    Math.sin(phi) * Math.sin(declination) + Math.cos(phi) * Math.cos(declination) * Math.cos(hourAngle);
  const azimuth = Math.atan2(
    Math.sin(hourAngle),
    Math.cos(hourAngle) * Math.sin(phi) - Math.tan(declination) * Math.cos(phi),
  );
  return { sinElevation, azimuth };
}

/** Sunrise and sunset nearest to a solar noon, epoch milliseconds; null where the sun does neither that day. */
export function sunTimes({ latitude, longitude }: Place, nearMs: number): { riseMs: number; setMs: number } | null {
  const { declination, equationMinutes } = seasonAt(nearMs);
  const phi = latitude * rad;
  const cosHour =
    (Math.sin(horizonDegrees * rad) - Math.sin(phi) * Math.sin(declination)) / (Math.cos(phi) * Math.cos(declination));
  if (!(Math.abs(cosHour) < 1)) return null;
  const noonMinutes = 720 - 4 * longitude - equationMinutes;
  const noonMs = nearestDay(nearMs, noonMinutes * 60_000);
  const halfMs = (Math.acos(cosHour) / rad) * 4 * 60_000;
  return { riseMs: noonMs - halfMs, setMs: noonMs + halfMs };
}

/** The instant nearest to `ms` that lies `inDayMs` after a midnight of UTC. */
function nearestDay(ms: number, inDayMs: number): number {
  return Math.round((ms - inDayMs) / dayMs) * dayMs + inDayMs;
}

/** Declination in radians, and what the sundial is ahead of the clock in minutes. */
function seasonAt(ms: number): { declination: number; equationMinutes: number } {
  // The year as an angle; 365.2425 days from a first of January drift less than a day over decades.
  const angle = (2 * Math.PI * ((ms / dayMs) % 365.2425)) / 365.2425;
  const [c1, s1, c2, s2] = [Math.cos(angle), Math.sin(angle), Math.cos(2 * angle), Math.sin(2 * angle)];
  const [c3, s3] = [Math.cos(3 * angle), Math.sin(3 * angle)];
  return {
    declination:
      0.006918 - 0.399912 * c1 + 0.070257 * s1 - 0.006758 * c2 + 0.000907 * s2 - 0.002697 * c3 + 0.00148 * s3,
    equationMinutes: 229.18 * (0.000075 + 0.001868 * c1 - 0.032077 * s1 - 0.014615 * c2 - 0.04089 * s2),
  };
}
