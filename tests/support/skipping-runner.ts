import { inject, TestRunner } from "vitest";
import type { RunnerTask } from "vitest";

/** Where the engine that the tests should run on cannot be had, each of them is named as skipped, and no hook runs. */
export default class SkippingRunner extends TestRunner {
  onCollected(files: RunnerTask[]): void {
    if (inject("cluster").unavailable) skip(files);
  }
}

function skip(tasks: RunnerTask[]): void {
  for (const task of tasks) {
    task.mode = "skip";
    if (task.type === "suite") skip(task.tasks);
  }
}
