import { asSystem, systemPool } from "./as-system.ts";

export type DecoderMemory = Record<string, unknown>;

/** What the decoders remember of one credential's device, by format. */
export async function decoderStates(deviceId: string): Promise<Map<string, DecoderMemory>> {
  const { rows } = await systemPool().query<{ format: string; state: DecoderMemory }>(
    "select format, state from telemetry.decoder_states where device_id = $1",
    [deviceId],
  );
  return new Map(rows.map((row) => [row.format, row.state]));
}

/**
 * Lets `change` work on a format's memory of a device as it is committed, while no other process can change it: several may
 * hear announcements of the same gateway at once, and each of them counts. The state that it answers is kept.
 */
export function changingDecoderState<T>(
  deviceId: string,
  format: string,
  change: (state: DecoderMemory | undefined) => Promise<{ state: DecoderMemory | undefined; result: T }>,
): Promise<T> {
  return asSystem(async (sql) => {
    await sql.query("select pg_advisory_xact_lock(hashtextextended($1, 1))", [`${deviceId} ${format}`]);
    const { rows } = await sql.query<{ state: DecoderMemory }>(
      "select state from telemetry.decoder_states where device_id = $1 and format = $2",
      [deviceId, format],
    );
    const { state, result } = await change(rows[0]?.state);
    if (state) {
      await sql.query(
        `insert into telemetry.decoder_states (device_id, format, state) values ($1, $2, $3)
         on conflict (device_id, format) do update set state = excluded.state, updated_at = now()`,
        [deviceId, format, JSON.stringify(state)],
      );
    }
    return result;
  });
}
