import { asSystem } from "../../db/as-system.ts";
import { markHeld } from "../../db/offline.ts";
import type { Task } from "../task.ts";

/** A channel that reports on change holds its value while nothing comes: its buckets follow the clock by this. */
const holdValues: Task<"hold-values"> = () => asSystem(markHeld);

export default holdValues;
