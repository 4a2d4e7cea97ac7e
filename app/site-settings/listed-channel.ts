import type { ChannelRow } from "../../db/channels.ts";
import type { Correction } from "../../domain/channel-correction.ts";

/** What is wrong with a correction, by field, a sentence each. */
export type ChannelErrors = Partial<Record<keyof Correction, string>>;

/** A channel with the units that a person may choose for it. */
export type ListedChannel = ChannelRow & { units: string[] };
