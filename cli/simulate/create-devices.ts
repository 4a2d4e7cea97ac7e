import { z } from "zod";
import { SetupError } from "../../platform/env.ts";
import type { SimulationFile } from "./credentials-file.ts";
import type { SimulatedDevice } from "./simulated-device.ts";

const created = z.object({
  id: z.string(),
  name: z.string(),
  credential: z.object({ username: z.string(), password: z.string(), token: z.string() }),
});

/** Makes a device for each of the fleet through the API, as anybody with a key would. @throws SetupError with the answer. */
export async function createDevices(
  fleet: readonly SimulatedDevice[],
  { url, apiKey }: { url: string; apiKey: string },
): Promise<SimulationFile["devices"]> {
  const devices: SimulationFile["devices"] = [];
  for (const { key, name } of fleet) {
    const { id, credential } = await createDevice(name, url, apiKey);
    devices.push({ key, name, id, ...credential });
  }
  return devices;
}

async function createDevice(name: string, url: string, apiKey: string): Promise<z.infer<typeof created>> {
  const address = `${url.replace(/\/+$/, "")}/api/v1/devices`;
  let response: Response;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ name, kind: "device" }),
      signal: AbortSignal.timeout(15_000),
    });
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    throw new SetupError(
      `${url} does not answer (${cause?.code ?? message}): start the product there, or give another --url.`,
    );
  }
  const text = await response.text();
  if (response.status !== 201) throw new SetupError(`${address} answered ${response.status}: ${text.slice(0, 300)}`);
  return created.parse(JSON.parse(text));
}
