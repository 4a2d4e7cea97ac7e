import { createHash, randomBytes } from "node:crypto";
import { Command } from "commander";
import { findLogin } from "../db/accounts.ts";
import { passwordFault } from "../app/auth/password-fault.server.ts";
import { hashPassword } from "../app/auth/password.server.ts";
import { liftLimits } from "../db/account-administration.ts";
import { markVerified } from "../db/account.ts";
import { signUp } from "../db/accounts.ts";
import { createApiKey } from "../db/api-keys.ts";
import { apiKeyBytes, apiKeyPrefix, makeApiKey, scopes } from "../domain/access/credential.ts";
import { isEmail } from "../domain/access/email.ts";
import { isZone } from "../domain/local-time/zone.ts";
import { isCurrency, parsePrice } from "../domain/tariff/flat.ts";
import { SetupError, readEnvironment } from "../platform/env.ts";
import { importOrganization } from "../db/organization-import.ts";
import { withDatabase } from "./database.ts";
import { openExport } from "./export/open-export.ts";

export interface NewOrganization {
  name: string;
  email: string;
  password: string;
  timezone: string;
  currency: string;
  price?: string;
  site?: string;
}

export interface CreatedOrganization {
  organizationId: string;
  userId: string;
  siteId: string;
  apiKey: string;
}

/** An organization with its owner, a first site and an API key. The database must be open. @throws SetupError */
export async function createOrganization(given: NewOrganization): Promise<CreatedOrganization> {
  const { password, timezone, currency } = given;
  const [name, email] = [given.name.trim(), given.email.trim()];
  if (!name || name.length > 100) throw new SetupError("--name must have 1 to 100 characters.");
  if (!isEmail(email)) throw new SetupError(`--email ${email} is not an address: give one such as anna@example.org.`);
  if (!isZone(timezone))
    throw new SetupError(`--timezone ${timezone} is not a time zone: give a name such as Europe/Berlin.`);
  if (!isCurrency(currency)) throw new SetupError(`--currency ${currency} is not a currency: give a code such as EUR.`);
  const price = parsePrice(given.price ?? "");
  if (!price.ok) throw new SetupError(`--price ${given.price}: ${price.error}`);
  const fault = passwordFault(password, [email, name]);
  if (fault) throw new SetupError(`--password is too weak. ${fault}`);
  const site = { name: given.site ?? "Home", timezone, currency, pricePerKwh: price.price };
  const made = await signUp({
    email,
    passwordHash: await hashPassword(password),
    organization: name,
    site,
    invitationHash: null,
  });
  if (!made.ok) throw new SetupError(`There is an account with the address ${email} already: give another --email.`);
  const { userId, organizationId, siteId } = made;
  // Whoever has this terminal runs the installation.
  await liftLimits(organizationId);
  // Who runs the installation vouches for the address.
  await markVerified(userId);
  const apiKey = makeApiKey(randomBytes(apiKeyBytes));
  const hash = createHash("sha256").update(apiKey).digest("hex");
  await createApiKey(organizationId, {
    ...{ name: "made on the command line", hash, prefix: apiKeyPrefix(apiKey), scopes, createdBy: userId },
  });
  return { organizationId, userId, siteId, apiKey };
}

const importCommand = new Command("import")
  .description(
    "an organization from a file of `energy export` or of the page Organization, beside those that are there; prints what came in as JSON",
  )
  .argument("<file>", "the ZIP")
  .requiredOption("--owner <address>", "whose it is to be: the address of an account that exists")
  .option("--name <name>", "what it is to be called (default: as it was)")
  .action(async (file: string, { owner, name }: { owner: string; name?: string }) => {
    const source = await openExport(file);
    try {
      const made = await withDatabase(readEnvironment(), async () => {
        const login = await findLogin(owner);
        if (!login) throw new SetupError(`--owner ${owner}: there is no account with this address. Make one first.`);
        const onProgress = (line: string) => process.stderr.write(`import: ${line}\n`);
        const wanted = name?.trim() || source.manifest.organization;
        return importOrganization(source, { ownerId: login.id, name: wanted, onProgress });
      });
      process.stdout.write(`${JSON.stringify(made)}\n`);
      process.stderr.write(
        "import: complete. Energy is being worked out by the workers; devices and programs need new credentials.\n",
      );
    } finally {
      await source.close();
    }
  });

export const command = new Command("org")
  .description("organizations")
  .addCommand(importCommand)
  .addCommand(
    new Command("create")
      .description("an organization with its owner, a first site and an API key; prints their ids and the key as JSON")
      .requiredOption("--name <name>", "name of the organization")
      .requiredOption("--email <address>", "its owner's address")
      .requiredOption("--password <password>", "the owner's password, at least 10 characters")
      .option("--timezone <zone>", "the site's IANA time zone", "UTC")
      .option("--currency <code>", "the site's ISO 4217 currency", "EUR")
      .option("--price <amount>", "the site's price per kWh, in that currency")
      .option("--site <name>", "the site's name", "Home")
      .action(async (options: NewOrganization) => {
        const made = await withDatabase(readEnvironment(), () => createOrganization(options));
        process.stdout.write(`${JSON.stringify(made)}\n`);
      }),
  );
