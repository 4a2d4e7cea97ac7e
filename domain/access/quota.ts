/** What a plan limits. Readings: those that come in within a UTC day. */
export const quotas = ["devices", "channels", "members", "readings"] as const;
export type Quota = (typeof quotas)[number];

/** From this share of a limit on people are warned. */
export const warningShare = 0.8;

const counted: Record<Quota, string> = {
  devices: "devices",
  channels: "channels",
  members: "members and open invitations",
  readings: "readings a day",
};

/** How a limit that is reached is told, with what is used: the same words to devices, programs and people. */
export const quotaWords = (quota: Quota, most: number, used: number): string =>
  `The plan allows ${most.toLocaleString("en-GB")} ${counted[quota]}, and ${used.toLocaleString("en-GB")} are used.`;

/** "fine", from 80 % on "near", at the limit "full". `most` null: no limit. */
export function levelOf(used: number, most: number | null): "fine" | "near" | "full" {
  if (most === null || used < warningShare * most) return "fine";
  return used < most ? "near" : "full";
}
