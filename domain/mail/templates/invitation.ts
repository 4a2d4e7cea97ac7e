import { z } from "zod";
import { template } from "../template.ts";

/** Somebody is asked into an organization. */
export const invitation = template(
  z.object({
    organization: z.string(),
    /** Who invites; null: an API key. */
    inviter: z.string().nullable(),
    role: z.string(),
    url: z.url(),
    days: z.number().int(),
  }),
  ({ organization, inviter, role, url, days }) => ({
    subject: `An invitation to ${organization}`,
    parts: [
      `${inviter ?? "Somebody"} invites you to ${organization} at Energy Tracking, as ${role}.`,
      { label: "See the invitation", url },
      `The link works for ${days} days and for this address only. You can take it with an account that you have, or make one.`,
      "If you do not know what this is about, you need not do anything.",
    ],
  }),
);
