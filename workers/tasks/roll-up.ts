import { rollUpOnce } from "../roll-up/roll-up.ts";
import type { Task } from "../task.ts";

/** Recomputes what is marked until nothing is; on a stop, what is left is found again by its marks. */
const rollUp: Task<"roll-up"> = async (_payload, { signal }) => {
  while (!signal.aborted && (await rollUpOnce()) > 0);
};

export default rollUp;
