import type { EventType } from "./event.ts";

/** What a person said that a reading is, by its time: one of the events, or a `rise` that is real however fast it was. */
export type Judgement = Exclude<EventType, "pending"> | "rise";
export type Judgements = ReadonlyMap<number, Judgement>;
