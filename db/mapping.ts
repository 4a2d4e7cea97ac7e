import { mappingsOf, type Mapping } from "../domain/device/mapping.ts";
import { channelKey, vocabularyWord } from "../domain/device/vocabulary.ts";
import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { forgetInIngest } from "./devices.ts";
import { insertChannel } from "./insert-channel.ts";
import { enqueue } from "./jobs.ts";
import { notify } from "./live.ts";
import { redirectChannel } from "./merge.ts";

export type SavedMapping = { ok: true; moved: number } | { ok: false; error: string };

/**
 * Saves what a person said of a device's payload (`config` with its `map`), and applies it to what came before: messages that
 * waited for it are decoded anew, and values that were kept under their own names go to the channels they are now.
 * @returns how many channels moved, or what is wrong with the map.
 */
export async function saveMapping(
  organizationId: string,
  deviceId: string,
  config: Record<string, unknown>,
): Promise<SavedMapping> {
  const mappings = mappingsOf(config.map);
  if (typeof mappings === "string") return { ok: false, error: mappings };
  if (!isUuid(deviceId)) return { ok: false, error: "there is no such device" };
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query("update energy.devices set config = $2 where id = $1 and deleted_at is null", [
      deviceId,
      JSON.stringify(config),
    ]);
    if (!rowCount) return { ok: false, error: "there is no such device" };
    let moved = 0;
    for (const mapping of mappings ?? []) if (await moveOwnName(sql, organizationId, deviceId, mapping)) moved++;
    await enqueue(sql, "settle-device", { organizationId, deviceId }, { key: `settle-device:${deviceId}` });
    await forgetInIngest(sql, deviceId);
    await notify(sql, { configured: [deviceId] });
    return { ok: true, moved };
  });
}

/** The channel that a value had under its own path, if it had one, goes on as what it is now said to be. */
async function moveOwnName(
  sql: Sql,
  organizationId: string,
  deviceId: string,
  { path, metric, kind, conversion }: Mapping,
): Promise<boolean> {
  if (metric === path || kind === "state") return false;
  const find = (key: string) =>
    sql.query<{ id: number }>(
      // A frozen channel keeps its history where it is: the raw readings to move are gone.
      "select id from energy.channels where device_id = $1 and key = $2 and merged_into is null and frozen_before is null",
      [deviceId, key],
    );
  const own = (await find(channelKey(path))).rows[0];
  if (!own) return false;
  const unit = conversion?.canonical ?? vocabularyWord(metric)?.unit ?? null;
  await insertChannel(sql, { organizationId, deviceId }, { key: channelKey(metric), metric, words: { kind, unit } });
  const into = (await find(channelKey(metric))).rows[0];
  if (!into || into.id === own.id) return false;
  const factor = conversion ? conversion.multiply / conversion.divide : 1;
  await redirectChannel(sql, organizationId, {
    fromId: own.id,
    intoId: into.id,
    factor,
    offset: conversion?.add ?? 0,
  });
  return true;
}
