import { createContext, useContext } from "react";
import type { TariffFault } from "../../domain/tariff/contract.ts";

/** What every part of the tariff editor looks at. */
export interface EditorSurroundings {
  /** "€" */
  sign: string;
  /** What prices are for: "kWh", "m³". */
  unit: string;
  /** The site's channels that measure a price, by what a tariff calls them. */
  priceChannels: readonly { value: string; label: string }[];
  faults: readonly TariffFault[];
}

const Surroundings = createContext<EditorSurroundings>({ sign: "", unit: "kWh", priceChannels: [], faults: [] });

export const EditorProvider = Surroundings.Provider;
export const useEditor = (): EditorSurroundings => useContext(Surroundings);

/** What is wrong with the field of this path, as a sentence. */
export function useFault(path: string): string | undefined {
  const fault = useEditor().faults.find((f) => f.path === path);
  return fault && faultSentence(fault);
}

export function faultSentence({ path, message }: TariffFault): string {
  if (path.endsWith(".when")) return "It is painted nowhere: paint some hours with it, or remove it.";
  if (/^Too small|^Invalid input/.test(message)) return "This is missing.";
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
