import { Command } from "commander";
import { asSystem } from "../db/as-system.ts";
import { rotateSecrets, type Rotated } from "../db/rotate-secrets.ts";
import { dropSigningKeysBut, rotateSigningKey, tokenLifetimeS } from "../db/signing-keys.ts";
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

export interface RotatedKey {
  /** The key that signs from now on. */
  kid: string;
  /** Older keys whose tokens are good no more. */
  dropped: number;
}

/** Both or neither: a key is never dropped before there is another. */
export const rotateKey = ({ isCompromised }: { isCompromised: boolean }): Promise<RotatedKey> =>
  asSystem(async (sql) => {
    const kid = await rotateSigningKey(sql);
    return { kid, dropped: isCompromised ? await dropSigningKeysBut(kid, sql) : 0 };
  });

const tokenMinutes = tokenLifetimeS / 60;

const rotateKeyCommand = new Command("rotate-signing-key")
  .description(
    `makes the key anew that access tokens are signed with, at once; the one before is good for the tokens that it signed (${tokenMinutes} minutes) and stays in /.well-known/jwks.json as long`,
  )
  .option("--compromised", "somebody else may have the key: every token is refused from now on, and traded for anew")
  .option("--json", "prints what was done as JSON")
  .action(async ({ compromised = false, json = false }: { compromised?: boolean; json?: boolean }) => {
    const done = await withDatabase(readEnvironment(), () => rotateKey({ isCompromised: compromised }));
    if (json) process.stdout.write(`${JSON.stringify(done)}\n`);
    process.stderr.write(
      compromised
        ? `Access tokens are signed with ${done.kid} now. Every earlier one is refused: programs trade their API key for another.\n`
        : `Access tokens are signed with ${done.kid} now; those that are out are good until they expire.\n`,
    );
  });

export const command = new Command("secrets")
  .description("what the installation keeps encrypted")
  .addCommand(rotateKeyCommand)
  .addCommand(
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
