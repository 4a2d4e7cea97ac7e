import { Command, InvalidArgumentError } from "commander";
import { channelsToRebuild, type RebuildScope } from "../db/rebuild.ts";
import { readEnvironment } from "../platform/env.ts";
import { rebuildChannel } from "../workers/roll-up/rebuild.ts";
import { withDatabase } from "./database.ts";

interface Options {
  channel?: number;
  device?: string;
  site?: string;
  organization?: string;
  after?: number;
  json?: boolean;
}

export const command = new Command("rebuild")
  .description("makes buckets and events anew from the stored readings, channel by channel, while everything runs")
  .option("--channel <id>", "of one channel", wholeNumber)
  .option("--device <id>", "of a device, and of those that it speaks for")
  .option("--site <id>", "of a site")
  .option("--organization <id>", "of an organization")
  .option("--after <id>", "go on behind this channel: where an interrupted rebuild ended", wholeNumber)
  .option("--json", "print what was done as JSON")
  .addHelpText(
    "after",
    `
Without an option: everything. Progress goes to stderr. Each channel is one transaction, so a rebuild may be interrupted and run
again; the result is the same as that of the roll-up which follows the readings as they arrive.`,
  )
  .action((options: Options) => withDatabase(readEnvironment(), () => rebuild(options)));

async function rebuild({ channel, device, site, organization, after, json }: Options): Promise<void> {
  const scope: RebuildScope = {
    channelId: channel,
    deviceId: device,
    siteId: site,
    organizationId: organization,
    afterId: after,
  };
  const ids = await channelsToRebuild(scope);
  if (!ids.length) throw Object.assign(new Error(nothingFound(scope)), { expected: true });
  const startedMs = Date.now();
  for (const [i, id] of ids.entries()) {
    await rebuildChannel(id);
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
    process.stderr.write(`channel ${id} done, ${i + 1} of ${ids.length}, ${seconds} s\n`);
  }
  process.stdout.write(json ? `${JSON.stringify({ channels: ids.length })}\n` : `${ids.length} channels rebuilt\n`);
}

function nothingFound(scope: RebuildScope): string {
  const given = Object.values(scope).some((value) => value !== undefined);
  return given
    ? "No channel fits: check the id (energy org list, or a page's address, shows ids)."
    : "There is no channel yet.";
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("expected the number of a channel, such as 12.");
  return Number(text);
}
