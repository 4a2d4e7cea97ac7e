import { createWriteStream, existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Command } from "commander";
import { asSystem } from "../db/as-system.ts";
import { recordEvent } from "../db/audit.ts";
import { withOrganizationSnapshot } from "../db/organization-export.ts";
import { readEnvironment, SetupError } from "../platform/env.ts";
import { writeExport } from "../workers/export/write-export.ts";
import { abortOnSignals } from "./backup/interrupt.ts";
import { progress } from "./backup/progress.ts";
import { withDatabase } from "./database.ts";

/** Everything of an organization into a file, which has its name only when it is complete. @throws SetupError */
export async function exportTo(file: string, organizationId: string, signal: AbortSignal): Promise<void> {
  if (existsSync(file)) throw new SetupError(`${file} is there already: choose another name.`);
  const partial = `${file}.partial`;
  const say = progress("export");
  try {
    const found = await withOrganizationSnapshot(organizationId, async (snapshot) => {
      const out = createWriteStream(partial, { flags: "wx", mode: 0o600 });
      await writeExport(snapshot, out, { signal, onProgress: () => say(out.bytesWritten) });
      return true;
    });
    if (!found) throw new SetupError(`--organization ${organizationId}: there is no organization with this id.`);
    await rename(partial, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") await rm(partial, { force: true });
    throw error;
  }
  await asSystem((sql) =>
    recordEvent(sql, { action: "export.fetched", objectType: "export", objectName: file }, organizationId),
  );
}

export const command = new Command("export")
  .description("everything of an organization into FILE (a ZIP with CSV and JSON Lines), while it runs")
  .argument("<file>", "where to write it")
  .requiredOption("--organization <id>", "which one")
  .action(async (file: string, { organization }: { organization: string }) => {
    const signal = abortOnSignals();
    await withDatabase(readEnvironment(), () => exportTo(file, organization, signal));
    process.stderr.write("export: complete. It holds personal data: keep it safe.\n");
  });
