import type { MergeFault } from "../../db/merge.ts";
import type { MoveFault } from "../../db/move.ts";

/** Why two devices or channels do not become one, as a sentence for the person who asked for it. */
export const mergeFaultWords: Record<MergeFault, string> = {
  "not-found": "One of the two is not there any more.",
  same: "It is one and the same already: choose another one.",
  gateway: "A gateway speaks for others and cannot become a part of a device: choose one of its devices.",
  frozen: "Raw readings of one of the two are gone, as the organization chose: its history cannot move any more.",
  "not-alike":
    "They have a channel of the same name that does not measure the same. Correct its quantity, unit or direction first.",
};

/** Why a device does not move to a gateway. */
export const moveFaultWords: Record<MoveFault, string> = {
  "not-found": "The device or the gateway is not there any more.",
  "not-a-gateway": "Choose a gateway: a device that speaks for itself cannot speak for another.",
  "is-a-gateway": "It is a gateway itself, and speaks for itself.",
  "no-name": "Its messages gave it no name yet, by which another gateway could know it.",
  taken: "At that gateway its name stands for another device, which was merged with one of that name.",
  "not-alike": mergeFaultWords["not-alike"],
};
