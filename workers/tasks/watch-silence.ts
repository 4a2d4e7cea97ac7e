import { watchSilence } from "../../db/silent-devices.ts";
import type { Task } from "../task.ts";

/** Silence sends no message, so it needs a clock. */
const watchSilenceTask: Task<"watch-silence"> = async () => {
  await watchSilence(Date.now());
};

export default watchSilenceTask;
