import { Decimal } from "decimal.js";

/** A contract and what was used under it, as the bill's oracle is given them: the JSON of a tariff, no more. */
export interface OracleCase {
  timezone: string;
  /** Local days, the last excluded. */
  from: string;
  to: string;
  /** Quarter-hours of the first day before what is asked for begins, and of the last day after it ends. */
  cut?: { first: number; last: number };
  buckets: OracleBucket[];
  versions: { validFrom: string; tariff: OracleTariff }[];
}

export interface OracleBucket {
  startMs: number;
  importKwh: number;
  exportKwh: number;
  estimatedKwh: number;
  /** By the name of the channel. */
  prices: Record<string, number | null>;
}

export interface Window {
  seasons?: string[];
  months?: number[];
  days?: string[];
  dayLists?: string[];
  hours?: string[];
}

export type Scope = "day" | "month" | "year" | "billing-period";

interface Tier {
  upTo?: string;
  price: string;
}

export type OraclePrice =
  | { kind: "flat"; price: string }
  | { kind: "tiered"; tiers: readonly Tier[]; per: Scope; over?: Scope | undefined; whole?: boolean }
  | {
      kind: "dynamic";
      channel?: string;
      factor?: string;
      markup?: string;
      floor?: string;
      cap?: string;
      fallback?: string;
    }
  | { kind: "time-of-use"; rates: { name: string; price: string | OraclePrice; when?: Window[] }[] };

export interface OracleComponent {
  type: string;
  id: string;
  price?: string | OraclePrice;
  unit?: string | undefined;
  cap?: { price: string; quota: string; per: Scope; over?: Scope };
  amount?: string;
  per?: Scope | "once";
  on?: string | string[];
  percent?: string;
  interval?: number;
  flow?: string;
  steps?: { upTo?: string; amount: string }[];
  peakOf?: "month" | "billing-period";
  basis?: { kind: string; count?: number; oneADay?: boolean; months?: number; percent?: string };
  minimumKw?: string;
  when?: Window[];
  rounding?: { decimals?: number; mode?: string };
  every?: "month" | "year" | "billing-period";
  bank?: boolean;
  expiresAfter?: number;
  expiresOn?: string;
  expiryPrice?: string;
}

export interface OracleTariff {
  name: string;
  currency: string;
  medium?: string;
  kwhPerM3?: string;
  billing?: { months: number; start: string };
  rounding?: { decimals?: number; mode?: string };
  seasons?: Record<string, { from: string; to: string }[]>;
  holidays?: string[];
  dayLists?: Record<string, string[]>;
  components: OracleComponent[];
}

export const zero = new Decimal(0);
const Exact = Decimal.clone({ precision: 60 });
export const number = (text: string | number): Decimal => new Exact(text);
