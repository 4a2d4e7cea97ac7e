import { Command } from "commander";
import { rotateSecrets, type Rotated } from "../db/rotate-secrets.ts";
import { SetupError, readEnvironment } from "../platform/env.ts";
import { withDatabase } from "./database.ts";

const progress = ({ column, rotated, unreadable }: Rotated) =>
  process.stderr.write(`${column}: ${rotated} sealed anew${unreadable ? `, ${unreadable} not readable` : ""}\n`);

/** When the old secret can go. */
function conclusion(done: readonly Rotated[]): string {
  const sum = (of: (one: Rotated) => number) => done.reduce((n, one) => n + of(one), 0);
  const unreadable = sum((one) => one.unreadable);
  const found = sum((one) => one.rotated);
  if (unreadable)
    return `${unreadable} texts open with neither APP_SECRET nor APP_SECRET_OLD and were left as they are: if there is an older secret, set it as APP_SECRET_OLD and run this again; else they are lost, and APP_SECRET_OLD can be removed.`;
  if (found)
    return "Everything is sealed under APP_SECRET. If every process was started with it before this ran, APP_SECRET_OLD can be removed now; if not, restart them and run this again.";
  return "Nothing was sealed under another secret: APP_SECRET_OLD can be removed.";
}

export const command = new Command("secrets").description("what the installation keeps encrypted").addCommand(
  new Command("rotate")
    .description(
      "seals everything anew under APP_SECRET that is sealed under APP_SECRET_OLD; can be stopped and run again, and the installation runs on meanwhile",
    )
    .option("--json", "prints what was done as JSON, a line for each column")
    .action(async ({ json = false }: { json?: boolean }) => {
      const env = readEnvironment();
      if (env.APP_SECRET_OLD && env.APP_SECRET_OLD === env.APP_SECRET)
        throw new SetupError(
          "APP_SECRET and APP_SECRET_OLD are the same: set APP_SECRET to a new secret (openssl rand -hex 32).",
        );
      const done = await withDatabase(env, () => rotateSecrets(progress));
      if (json) for (const one of done) process.stdout.write(`${JSON.stringify(one)}\n`);
      process.stderr.write(`${conclusion(done)}\n`);
      if (done.some(({ unreadable }) => unreadable > 0)) process.exitCode = 1;
    }),
);
