import { systemPool } from "./as-system.ts";

/** What the decoders remember of one credential's device, by format. */
export async function decoderStates(deviceId: string): Promise<Map<string, Record<string, unknown>>> {
  const { rows } = await systemPool().query<{ format: string; state: Record<string, unknown> }>(
    "select format, state from telemetry.decoder_states where device_id = $1",
    [deviceId],
  );
  return new Map(rows.map((row) => [row.format, row.state]));
}
