import { pino } from "pino";

/**
 * The process's log: JSON lines on stderr, so that stdout stays for data. Levels by LOG_LEVEL.
 * Never log payloads, credentials or cookies; the paths below are a net, not a licence.
 */
export const log = pino(
  {
    level: process.env["LOG_LEVEL"] || "info",
    base: undefined,
    redact: ["password", "token", "authorization", "cookie", "*.password", "*.token", "*.authorization", "*.cookie"],
    timestamp: pino.stdTimeFunctions.isoTime,
  },
  pino.destination({ dest: 2, sync: true }),
);

export type Log = typeof log;
