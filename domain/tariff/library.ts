import atSpot from "./library/at-spot.json" with { type: "json" };
import auErgon14 from "./library/au-ergon-14.json" with { type: "json" };
import auTouDemand from "./library/au-tou-demand.json" with { type: "json" };
import beFlandersCapacity from "./library/be-flanders-capacity.json" with { type: "json" };
import caBcTiered from "./library/ca-bc-tiered.json" with { type: "json" };
import deFlat from "./library/de-flat.json" with { type: "json" };
import deGas from "./library/de-gas.json" with { type: "json" };
import esPeriods from "./library/es-periods.json" with { type: "json" };
import esPvpc from "./library/es-pvpc.json" with { type: "json" };
import frBase from "./library/fr-base.json" with { type: "json" };
import frHeuresCreuses from "./library/fr-heures-creuses.json" with { type: "json" };
import frTempo from "./library/fr-tempo.json" with { type: "json" };
import gbEconomy7 from "./library/gb-economy-7.json" with { type: "json" };
import gbOctopusAgile from "./library/gb-octopus-agile.json" with { type: "json" };
import inMhSlabs from "./library/in-mh-slabs.json" with { type: "json" };
import itBiorario from "./library/it-biorario.json" with { type: "json" };
import jpTepcoB from "./library/jp-tepco-b.json" with { type: "json" };
import nlDynamic from "./library/nl-dynamic.json" with { type: "json" };
import nlPriceCap from "./library/nl-price-cap.json" with { type: "json" };
import noCapacitySteps from "./library/no-capacity-steps.json" with { type: "json" };
import seEffectFee from "./library/se-effect-fee.json" with { type: "json" };
import usCaTouC from "./library/us-ca-tou-c.json" with { type: "json" };
import usNetMetering from "./library/us-net-metering.json" with { type: "json" };
import usRatchet from "./library/us-ratchet.json" with { type: "json" };
import zaSeasonalTou from "./library/za-seasonal-tou.json" with { type: "json" };

/**
 * Tariffs of many countries as data, each with its source, the day as of which it was read, and what of it was read there:
 * shapes to start from. Prices change; whoever uses one writes in their own.
 */
const tariffs: Readonly<Record<string, object>> = {
  "at-spot": atSpot,
  "au-ergon-14": auErgon14,
  "au-tou-demand": auTouDemand,
  "be-flanders-capacity": beFlandersCapacity,
  "ca-bc-tiered": caBcTiered,
  "de-flat": deFlat,
  "de-gas": deGas,
  "es-periods": esPeriods,
  "es-pvpc": esPvpc,
  "fr-base": frBase,
  "fr-heures-creuses": frHeuresCreuses,
  "fr-tempo": frTempo,
  "gb-economy-7": gbEconomy7,
  "gb-octopus-agile": gbOctopusAgile,
  "in-mh-slabs": inMhSlabs,
  "it-biorario": itBiorario,
  "jp-tepco-b": jpTepcoB,
  "nl-dynamic": nlDynamic,
  "nl-price-cap": nlPriceCap,
  "no-capacity-steps": noCapacitySteps,
  "se-effect-fee": seEffectFee,
  "us-ca-tou-c": usCaTouC,
  "us-net-metering": usNetMetering,
  "us-ratchet": usRatchet,
  "za-seasonal-tou": zaSeasonalTou,
};

export const libraryNames = (): string[] => Object.keys(tariffs);

/** The JSON of a tariff by its name ("de-flat"); null where there is none. `parseTariff` reads it. */
export const libraryJson = (name: string): object | null => (Object.hasOwn(tariffs, name) ? tariffs[name]! : null);
