import { asSystem } from "../../db/as-system.ts";
import { waitingMarks } from "../../db/roll-up.ts";

/** Waits until the workers have recomputed everything that is marked. @param onProgress how many marks still wait. */
export async function rolledUp(onProgress: (waiting: number) => void): Promise<void> {
  for (;;) {
    const waiting = await asSystem(waitingMarks);
    if (waiting === 0) return;
    onProgress(waiting);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
