import { z } from "zod";
import { template } from "../template.ts";

/** What happened to an account, told to its owner, who would want to know if it was somebody else. */
const events = {
  "password-changed": {
    subject: "Your password was changed",
    text: "The password of your account at Energy Tracking was changed. All other devices were logged out.",
  },
  "email-change-asked": {
    subject: "Your e-mail address is to be changed",
    text: "Somebody who is logged in to your account at Energy Tracking asked to give it another e-mail address. It is changed when that address is confirmed.",
  },
  "email-changed": {
    subject: "Your e-mail address was changed",
    text: "Your account at Energy Tracking has another e-mail address now. This one is no longer used to log in.",
  },
  "two-factor-on": {
    subject: "Two-factor login is on",
    text: "From now on, logging in to your account at Energy Tracking takes a code of your authenticator app besides the password.",
  },
  "two-factor-off": {
    subject: "Two-factor login is off",
    text: "Logging in to your account at Energy Tracking takes the password alone again.",
  },
  "recovery-code-used": {
    subject: "A recovery code was used",
    text: "Somebody logged in to your account at Energy Tracking with one of its recovery codes. Each code works once.",
  },
  "recovery-codes-new": {
    subject: "New recovery codes",
    text: "New recovery codes were made for your account at Energy Tracking. The old ones no longer work.",
  },
  "account-deleted": {
    subject: "Your account was deleted",
    text: "Your account at Energy Tracking was deleted, as you asked.",
  },
} as const;

export type SecurityEvent = keyof typeof events;
const names = Object.keys(events) as [SecurityEvent, ...SecurityEvent[]];

export const securityNotice = template(
  z.object({
    event: z.enum(names),
    /** When, UTC, as "2026-03-01 10:00 UTC". */
    at: z.string(),
    /** Where a person who did not do it takes the account back; null: too late for that. */
    resetUrl: z.url().nullable(),
  }),
  ({ event, at, resetUrl }) => ({
    subject: events[event].subject,
    parts: [
      `${events[event].text} This was at ${at}.`,
      ...(resetUrl === null
        ? []
        : [
            "If it was you, all is well. If not, somebody else can get in: choose a new password at once. That ends every session.",
            { label: "Choose a new password", url: resetUrl },
          ]),
    ],
  }),
);
