import { z } from "zod";
import { template } from "../template.ts";

/** Somebody's place in an organization is another one now, or they have none there any more. */
export const membershipChanged = template(
  z.object({
    organization: z.string(),
    /** As what they belong there now; null: they were removed. */
    role: z.string().nullable(),
    /** How many of its places they see; null: all. */
    sites: z.number().int().nullable(),
    url: z.url(),
  }),
  ({ organization, role, sites, url }) => ({
    subject: role === null ? `You do not belong to ${organization} any more` : `You are ${role} of ${organization} now`,
    parts: [
      role === null
        ? `Who manages ${organization} at Energy Tracking has removed you from it: what is there is not yours to see any more. Your account and your other organizations stay as they are.`
        : `At Energy Tracking you are ${role} of ${organization} from now on, and see ${placesOf(sites)}.`,
      { label: role === null ? "See your organizations" : "See what you may do", url },
      "If you did not expect this, ask who manages the organization.",
    ],
  }),
);

const placesOf = (sites: number | null): string =>
  sites === null ? "all of its places" : sites === 1 ? "one of its places" : `${sites} of its places`;
