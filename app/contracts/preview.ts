import type { ContractMedium } from "../../db/contracts.ts";
import type { BillJson } from "../../domain/tariff/bill-json.ts";
import type { TariffFault } from "../../domain/tariff/contract.ts";

/** What the page of a preview asks and is told. */
export interface PreviewRequest {
  tariff: unknown;
  medium: ContractMedium;
  channelId: number | null;
  /** The contract that is edited, whose present prices the bill is compared with; null: what the site pays by now. */
  contractId: string | null;
}

export interface Preview {
  faults: TariffFault[];
  /** null: there are faults. */
  bill: BillJson | null;
  /** The same bill by what holds now; null: nothing does. */
  present: { name: string; total: number } | null;
}
