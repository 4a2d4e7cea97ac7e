import type { EventType } from "./event.ts";

/** What a person said that a reading is, by its time: one of the events, or a `rise` that is real however fast it was. */
export const judgements = ["jitter", "glitch", "rollover", "reset", "replacement", "rise"] as const satisfies readonly (
  Exclude<EventType, "pending"> | "rise"
)[];
export type Judgement = (typeof judgements)[number];
export type Judgements = ReadonlyMap<number, Judgement>;
