import { asSystem } from "../../db/as-system.ts";
import { waitingMarks } from "../../db/roll-up.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";

/**
 * Lends the workers a hand until everything that is marked is recomputed: two hands never take the same marks.
 * @param onProgress how many marks still wait.
 */
export async function rolledUp(signal: AbortSignal, onProgress: (waiting: number) => void): Promise<void> {
  while (!signal.aborted) {
    const waiting = await asSystem(waitingMarks);
    if (waiting === 0) return;
    onProgress(waiting);
    await rollUpOnce();
  }
}
