import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { SetupError } from "../../platform/env.ts";

const simulatedDevice = z.object({
  /** Which device of the fleet it is: "smart-meter". */
  key: z.string().min(1),
  name: z.string(),
  id: z.string(),
  username: z.string().min(1),
  password: z.string().min(1),
  token: z.string().min(1),
});

/** What the simulator must keep between runs: the household (seed, first day) and its devices' secrets. */
export const simulationFile = z.object({
  seed: z.int(),
  sinceMs: z.number(),
  timezone: z.string().default("Europe/Berlin"),
  devices: z.array(simulatedDevice),
});

export type SimulationFile = z.infer<typeof simulationFile>;

/** Reads a file of `schema`; null: there is none. @throws SetupError when it is not what it should be. */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new SetupError(`${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replace(/\s+/g, " ") : (error as Error).message;
    throw new SetupError(`${path} is not a file that this program wrote (${why}): remove it or name another.`);
  }
}

/** Secrets are in it, so nobody else may read it. */
export async function writeJsonFile(path: string, content: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}
