import { createHash, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { Command } from "commander";
import { passwordFault } from "../app/auth/password-fault.server.ts";
import { hashPassword } from "../app/auth/password.server.ts";
import { invite, removeTwoFactorOf, setPassword } from "../db/account-administration.ts";
import { isEmail } from "../domain/access/email.ts";
import { SetupError, publicUrl, readEnvironment } from "../platform/env.ts";
import { withDatabase } from "./database.ts";

const invitationDays = 7;

/** Asks without showing what is typed. */
function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) throw new SetupError("--password is missing, and there is no terminal to ask for it.");
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  return new Promise((resolve) => {
    reader.question(question, (answer) => {
      reader.close();
      process.stderr.write("\n");
      resolve(answer);
    });
    (reader as unknown as { _writeToOutput: (text: string) => void })._writeToOutput = () => {};
  });
}

export const command = new Command("user")
  .description("people")
  .addCommand(
    new Command("password")
      .description("sets a person's password and ends their sessions")
      .requiredOption("--email <address>")
      .option("--password <password>", "asked for when not given")
      .action(async ({ email, password }: { email: string; password?: string }) => {
        const wanted = password ?? (await ask(`New password for ${email}: `));
        const fault = passwordFault(wanted, [email]);
        if (fault) throw new SetupError(`The password is too weak. ${fault}`);
        const passwordHash = await hashPassword(wanted);
        const done = await withDatabase(readEnvironment(), () => setPassword(email, passwordHash));
        if (!done) throw new SetupError(`There is no account with the address ${email}.`);
        process.stderr.write("The password is set; all sessions of this account have ended.\n");
      }),
  )
  .addCommand(
    new Command("two-factor-off")
      .description(
        "for who has lost both the app and the recovery codes: asks for the password alone again, and ends their sessions",
      )
      .requiredOption("--email <address>")
      .action(async ({ email }: { email: string }) => {
        const done = await withDatabase(readEnvironment(), () => removeTwoFactorOf(email));
        if (!done) throw new SetupError(`There is no account with the address ${email} that has two-factor login on.`);
        process.stderr.write("Two-factor login is off; all sessions of this account have ended.\n");
      }),
  )
  .addCommand(
    new Command("invite")
      .description(`prints a sign-up link for one address, good for ${invitationDays} days`)
      .requiredOption("--email <address>")
      .action(async ({ email }: { email: string }) => {
        if (!isEmail(email))
          throw new SetupError(`--email ${email} is not an address: give one such as anna@example.org.`);
        const env = readEnvironment();
        const token = randomBytes(24).toString("base64url");
        const hash = createHash("sha256").update(token).digest("hex");
        await withDatabase(env, () => invite(email, hash, new Date(Date.now() + invitationDays * 86_400_000)));
        process.stdout.write(`${publicUrl(env)}/signup?invite=${token}\n`);
      }),
  );
