import { z } from "zod";
import { template } from "../template.ts";

const why = {
  gone: "Its receiver said that it wants no more messages (410 Gone).",
  failing: "For three days no message came through.",
} as const;

/** A webhook is told nothing any more. */
export const webhookOff = template(
  z.object({ webhook: z.string(), organization: z.string(), reason: z.enum(["gone", "failing"]), url: z.url() }),
  ({ webhook, organization, reason, url }) => ({
    subject: `${organization}: the webhook ${webhook} was switched off`,
    parts: [
      `The webhook ${webhook} of ${organization} at Energy Tracking was switched off. ${why[reason]} What happens meanwhile is not sent to it.`,
      { label: "See what was sent, and switch it on again", url },
    ],
  }),
);
