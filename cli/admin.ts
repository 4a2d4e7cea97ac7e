import { Command } from "commander";
import { listPlatformAdmins, setPlatformAdmin } from "../db/account-administration.ts";
import { SetupError, readEnvironment } from "../platform/env.ts";
import { withDatabase } from "./database.ts";

async function set(email: string, isAdmin: boolean): Promise<void> {
  const done = await withDatabase(readEnvironment(), () => setPlatformAdmin(email, isAdmin));
  if (!done)
    throw new SetupError(`There is no account with the address ${email}: sign up first, or "energy user invite".`);
  process.stderr.write(
    isAdmin
      ? `${email} runs the platform now: /admin, with two-factor login.\n`
      : `${email} does not run the platform any more.\n`,
  );
}

export const command = new Command("admin")
  .description("the people who run the platform: who may open /admin")
  .addCommand(
    new Command("grant")
      .description("lets a person who has an account open /admin")
      .argument("<email>", "the account's address")
      .action((email: string) => set(email, true)),
  )
  .addCommand(
    new Command("revoke")
      .description("takes it back, and ends their visits for support")
      .argument("<email>", "the account's address")
      .action((email: string) => set(email, false)),
  )
  .addCommand(
    new Command("list")
      .description("prints who may, a JSON line each")
      .option("--json", "the same: it is always JSON")
      .action(async () => {
        const admins = await withDatabase(readEnvironment(), listPlatformAdmins);
        for (const admin of admins) process.stdout.write(`${JSON.stringify(admin)}\n`);
      }),
  );
