import { parseDay } from "../../domain/local-time/civil-day.ts";
import { parseContract } from "../../domain/tariff/contract.ts";

export interface EnteredVersion {
  validFrom: string;
  tariff: unknown;
}

/**
 * Whether a version can join those that a contract has: a tariff of the schema, of the contract's medium, in the site's currency.
 * @returns what is wrong, and what is expected; null: nothing.
 */
export function versionFault(
  { validFrom, tariff }: EnteredVersion,
  { medium, currency, others }: { medium: string; currency: string; others: readonly EnteredVersion[] },
): string | null {
  if (parseDay(validFrom) === null) return 'validFrom: a date such as "2026-03-29" is expected';
  const alone = parseContract(tariff);
  if (!alone.ok) return alone.error;
  const [only, second] = alone.value;
  if (!only || second || only.validFrom !== null) return "tariff: one tariff is expected, not a contract with versions";
  if (only.tariff.medium !== medium)
    return `medium: the contract is for ${medium}, the tariff for ${only.tariff.medium}`;
  if (only.tariff.currency !== currency)
    return `currency: the site's is ${currency}, the tariff's ${only.tariff.currency}`;
  const rest = others.filter((other) => other.validFrom !== validFrom);
  const together = parseContract([
    ...rest.map((o) => ({ validFrom: o.validFrom, tariff: o.tariff })),
    { validFrom, tariff },
  ]);
  return together.ok ? null : together.error;
}
