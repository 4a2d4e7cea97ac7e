import { z } from "zod";
import { contractSchema } from "./contract.ts";
import { tariffSchema } from "./tariff.ts";

/** The JSON Schema of what `parseContract` reads: a tariff, a contract with versions, or a list of versions. */
export function tariffJsonSchema(): object {
  const either = z
    .union([tariffSchema, contractSchema])
    .describe("A tariff, or a contract: dated versions of a tariff.");
  return {
    title: "Tariff",
    ...z.toJSONSchema(either, { io: "input", reused: "ref" }),
  };
}
