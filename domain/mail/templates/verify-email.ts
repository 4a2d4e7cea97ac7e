import { z } from "zod";
import { template } from "../template.ts";

/** To the address of a new account: is it really theirs? */
export const verifyEmail = template(z.object({ url: z.url(), hours: z.number().int() }), ({ url, hours }) => ({
  subject: "Confirm your e-mail address",
  parts: [
    "Somebody made an account at Energy Tracking with this address. If it was you, confirm that the address is yours:",
    { label: "Confirm this address", url },
    `The link works for ${hours} hours.`,
    "If it was not you, do not open it; you need not do anything else.",
  ],
}));
