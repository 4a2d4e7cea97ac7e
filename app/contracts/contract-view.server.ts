import type { Contract, ContractVersion } from "../../db/contracts.ts";
import { isoDay, localDay } from "../../domain/local-time/civil-day.ts";
import { parseTariff } from "../../domain/tariff/contract.ts";
import type { Tariff } from "../../domain/tariff/tariff.ts";

/** A version as the pages show it. `tariff`: null where it cannot be read. */
export interface VersionView {
  id: string;
  validFrom: string;
  note: string;
  createdMs: number;
  /** Who entered it: "you", "Anna", "a former member", "the API". */
  by: string;
  tariff: Tariff | null;
}

export interface ContractView extends Pick<Contract, "id" | "name" | "medium" | "channelId" | "endsOn"> {
  versions: VersionView[];
  /** Index of the version in force today; null: none has begun, or the contract has ended. */
  current: number | null;
  hasEnded: boolean;
}

export function versionView(
  { id, validFrom, note, createdMs, createdBy, author, tariff }: ContractVersion,
  userId: string,
): VersionView {
  const parsed = parseTariff(tariff);
  const by = authorWords({ id: createdBy, name: author }, userId);
  return { id, validFrom, note, createdMs, by, tariff: parsed.ok ? parsed.value : null };
}

/** @param author a person's id (null: a key of the API) and name (null: no member any more). */
export function authorWords({ id, name }: { id: string | null; name: string | null }, userId: string): string {
  if (id === null) return "the API";
  return id === userId ? "you" : (name ?? "a former member");
}

/** @param today the local day, "2026-03-29". */
export function contractView(contract: Contract, { userId, today }: { userId: string; today: string }): ContractView {
  const { id, name, medium, channelId, endsOn } = contract;
  const hasEnded = endsOn !== null && endsOn <= today;
  const current = hasEnded ? -1 : contract.versions.findLastIndex(({ validFrom }) => validFrom <= today);
  const versions = contract.versions.map((version) => versionView(version, userId));
  return { id, name, medium, channelId, endsOn, versions, current: current < 0 ? null : current, hasEnded };
}

export const todayAt = (timezone: string): string => isoDay(localDay(timezone, Date.now()));
