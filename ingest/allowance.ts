import type { Identity } from "../db/identities.ts";

/** How much may come in, per second; for `burstS` seconds' worth it may come at once. */
export interface Rates {
  credentialMessages: number;
  credentialReadings: number;
  organizationReadings: number;
}

const burstS = 20;
const mostKept = 50_000;

interface Account {
  left: number;
  atMs: number;
}

/**
 * What a credential and its organization may send. Paid after the fact, since what a message holds is known when it is
 * decoded: who has overdrawn waits until the account is level again, and nobody else is held up.
 */
export class Allowance {
  #rates: Rates;
  #messages = new Map<string, Account>();
  #readings = new Map<string, Account>();
  #organizations = new Map<string, Account>();

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  /** Milliseconds until this sender may send again; 0: at once. */
  owedMs({ credentialId, organizationId }: Identity, nowMs: number): number {
    const { credentialMessages, credentialReadings, organizationReadings } = this.#rates;
    return Math.max(
      owed(this.#messages.get(credentialId), credentialMessages, nowMs),
      owed(this.#readings.get(credentialId), credentialReadings, nowMs),
      owed(this.#organizations.get(organizationId), organizationReadings, nowMs),
    );
  }

  /** A message with so many readings was taken. */
  charge({ credentialId, organizationId }: Identity, readings: number, nowMs: number): void {
    const { credentialMessages, credentialReadings, organizationReadings } = this.#rates;
    pay(this.#messages, credentialId, 1, credentialMessages, nowMs);
    pay(this.#readings, credentialId, readings, credentialReadings, nowMs);
    pay(this.#organizations, organizationId, readings, organizationReadings, nowMs);
  }
}

function level({ left, atMs }: Account, perSecond: number, nowMs: number): number {
  return Math.min(perSecond * burstS, left + ((nowMs - atMs) / 1000) * perSecond);
}

function owed(account: Account | undefined, perSecond: number, nowMs: number): number {
  if (!account) return 0;
  return Math.max(0, (-level(account, perSecond, nowMs) / perSecond) * 1000);
}

function pay(accounts: Map<string, Account>, key: string, amount: number, perSecond: number, nowMs: number): void {
  const account = accounts.get(key);
  if (account) {
    account.left = level(account, perSecond, nowMs) - amount;
    account.atMs = nowMs;
    return;
  }
  // Those that are level again start anew with the same allowance.
  if (accounts.size >= mostKept) {
    for (const [other, kept] of accounts)
      if (level(kept, perSecond, nowMs) >= perSecond * burstS) accounts.delete(other);
  }
  accounts.set(key, { left: perSecond * burstS - amount, atMs: nowMs });
}
