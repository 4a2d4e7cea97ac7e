import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf } from "../../db/channels.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import type { Medium, Role } from "../../domain/channel.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { bucketCeil } from "../../domain/rollup/bucket.ts";
import { compose } from "../../domain/rollup/compose.ts";
import { channelTitle } from "../device/channel-words.ts";

/** The channels behind a figure of a site, with what each gave; only those that count. */
export interface SiteExplanation extends Step {
  channels: {
    id: number;
    deviceId: string;
    deviceName: string;
    title: string;
    role: Role;
    unit: string | null;
    amount: number;
    estimated: number;
    completeness: number;
    /** Readings before it are kept no longer; null: all are there. */
    frozenBeforeMs: number | null;
  }[];
}

/** What of a site is asked for; null: all. */
export interface Explained {
  medium: Medium | null;
  channelId: number | null;
}

export async function explainSite(
  organizationId: string,
  siteId: string,
  step: Step,
  { medium, channelId }: Explained = { medium: null, channelId: null },
): Promise<SiteExplanation> {
  const whole = { startMs: step.startMs, endMs: bucketCeil(step.endMs) };
  const { counting, energies } = await asOrganization(organizationId, async (sql) => {
    const found = (await channelsOf(sql, { siteId })).filter((channel) =>
      channelId === null
        ? channel.isPrimary && channel.role !== "none" && (medium === null || channel.medium === medium)
        : channel.id === channelId,
    );
    const ids = found.map(({ id }) => id);
    return { counting: found, energies: await energyOf(sql, ids, [whole]) };
  });
  return {
    ...step,
    channels: counting.map((channel) => {
      const sum = compose(energies.get(channel.id) ?? [], [whole])[0]!;
      const { id, deviceId, deviceName, role, frozenBeforeMs } = channel;
      return {
        ...{ id, deviceId, deviceName, title: channelTitle(channel), role, frozenBeforeMs },
        unit: channel.unit === "W" ? "kWh" : channel.unit,
        amount: sum.energyKwh + sum.reverseKwh,
        estimated: sum.estimatedKwh + sum.estimatedReverseKwh,
        completeness: sum.completeness,
      };
    }),
  };
}
