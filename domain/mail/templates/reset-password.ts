import { z } from "zod";
import { template } from "../template.ts";

/** The way back in for who has forgotten the password. */
export const resetPassword = template(z.object({ url: z.url(), minutes: z.number().int() }), ({ url, minutes }) => ({
  subject: "Choose a new password",
  parts: [
    "Somebody asked for a new password for your account at Energy Tracking. If it was you:",
    { label: "Choose a new password", url },
    `The link works once, for ${minutes} minutes.`,
    "If it was not you, you need not do anything: the password stays as it is.",
  ],
}));
