import { storedUnit, type Correctable } from "../../domain/channel-correction.ts";

/** The unit in which a channel's sender speaks; where none has the scale of what is stored, the canonical one. */
export const shownUnit = (channel: Pick<Correctable, "unit" | "scale" | "shift">): string =>
  storedUnit(channel) ?? channel.unit ?? "";
