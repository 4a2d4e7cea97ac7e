import { z } from "zod";
import { template } from "../template.ts";

/** To the address that an account shall have from now on. */
export const confirmNewEmail = template(z.object({ url: z.url(), hours: z.number().int() }), ({ url, hours }) => ({
  subject: "Confirm your new e-mail address",
  parts: [
    "Somebody wants to use this address for their account at Energy Tracking. If it was you, confirm that the address is yours:",
    { label: "Use this address", url },
    `The link works once, for ${hours} hours. Until then the account keeps its old address.`,
    "If it was not you, you need not do anything.",
  ],
}));
