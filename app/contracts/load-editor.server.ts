import { listChannels } from "../../db/channels.ts";
import type { ContractMedium } from "../../db/contracts.ts";
import type { Site } from "../../db/sites.ts";

/** What an editor of contracts offers of a site: the channels that price, and the meters that can have a contract of their own. */
export interface EditorChoices {
  priceChannels: { value: string; label: string }[];
  meters: { id: number; medium: ContractMedium; label: string }[];
}

export async function editorChoices(organizationId: string, site: Site): Promise<EditorChoices> {
  const channels = await listChannels(organizationId, { siteId: site.id });
  const prices = channels.filter(({ quantity }) => quantity === "price");
  const isOnly = (key: string) => prices.filter((other) => other.key === key).length === 1;
  const only = prices.length === 1 ? [{ value: "price", label: `${labelOf(prices[0]!)} (the only one)` }] : [];
  const energies = channels.filter(
    ({ quantity, isPrimary }) => isPrimary && (quantity === "energy" || quantity === "power" || quantity === "volume"),
  );
  return {
    priceChannels:
      prices.length === 1
        ? only
        : prices.map((c) => ({ value: isOnly(c.key) ? c.key : String(c.id), label: labelOf(c) })),
    meters: energies.flatMap((c) => (c.medium === "none" ? [] : [{ id: c.id, medium: c.medium, label: labelOf(c) }])),
  };
}

const labelOf = ({ deviceName, name }: { deviceName: string; name: string }): string => `${deviceName}: ${name}`;
