import { z } from "zod";
import { template } from "../template.ts";

const names = { devices: "devices", channels: "channels", members: "members", readings: "readings of today" } as const;
const beyond = {
  devices: "Beyond the limit, no further device can be added.",
  channels: "Beyond the limit, what devices send of further channels is refused.",
  members: "Beyond the limit, nobody else can be invited.",
  readings: "Beyond the limit, further readings are refused until midnight UTC.",
} as const;
const number = (n: number) => n.toLocaleString("en-GB");

/** An organization uses most of what its plan has. */
export const quotaWarning = template(
  z.object({
    organization: z.string(),
    quota: z.enum(["devices", "channels", "members", "readings"]),
    used: z.number(),
    most: z.number(),
    usageUrl: z.url(),
  }),
  ({ organization, quota, used, most, usageUrl }) => ({
    subject: `${organization}: ${Math.floor((100 * used) / most)} % of the ${names[quota]} are used`,
    parts: [
      `${organization} uses ${number(used)} of the ${number(most)} ${names[quota]} that its plan at Energy Tracking allows. ${beyond[quota]}`,
      { label: "See the usage", url: usageUrl },
      "Who runs this platform can change the plan.",
    ],
  }),
);
