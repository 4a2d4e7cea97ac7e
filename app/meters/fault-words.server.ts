import type { PlaceFault } from "../../db/meters.ts";
import { mostGroups } from "../../db/meter-groups.ts";
import { mostVirtualMeters, type VirtualMeterFault } from "../../db/virtual-meters.ts";
import { formulaWords } from "./formula-words.ts";

export function placeWords(fault: PlaceFault): string {
  switch (fault.reason) {
    case "no-meter":
      return "This meter is not there any more.";
    case "no-parent":
      return "The meter above is not there: expected one of this place that has amounts.";
    case "no-group":
      return "The room is not there: expected one of this place.";
    case "other-medium":
      return "A meter can lie only below one of the same medium and unit.";
    case "circle":
      return `That would be a circle: ${fault.names.join(" → ")}.`;
  }
}

export function virtualWords(fault: VirtualMeterFault): string {
  switch (fault.reason) {
    case "not-found":
      return "This virtual meter is not there any more.";
    case "name-taken":
      return "Another virtual meter of this place has this name.";
    case "too-many":
      return `A place has at most ${mostVirtualMeters} virtual meters.`;
    case "formula":
      return formulaWords(fault.fault);
  }
}

export function groupWords(reason: "not-found" | "name-taken" | "too-many"): string {
  switch (reason) {
    case "not-found":
      return "This room is not there any more.";
    case "name-taken":
      return "Another room of this place has this name.";
    case "too-many":
      return `A place has at most ${mostGroups} rooms.`;
  }
}
