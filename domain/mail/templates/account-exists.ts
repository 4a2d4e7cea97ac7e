import { z } from "zod";
import { template } from "../template.ts";

/** Somebody signed up with the address of an account: told to its owner alone, so that the page gives nobody away. */
export const accountExists = template(z.object({ loginUrl: z.url(), resetUrl: z.url() }), ({ loginUrl, resetUrl }) => ({
  subject: "You have an account already",
  parts: [
    "Somebody wanted to use this address for an account at Energy Tracking. It has one already, so nothing was made or changed.",
    { label: "Log in", url: loginUrl },
    "If you have forgotten the password, you can choose a new one:",
    { label: "Choose a new password", url: resetUrl },
    "If it was not you, you need not do anything.",
  ],
}));
