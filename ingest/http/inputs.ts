import { newestInputs } from "../../db/newest-inputs.ts";
import type { HttpAnswer, Message } from "../../domain/device/device.ts";
import { askedInputs, inputsAnswer, type Input } from "../../domain/device/emoncms-inputs.ts";

/** Answers emoncms' /input/get, by which a sender finds where to go on: the newest values of its own device or gateway. */
export async function answerInputs(deviceId: string, message: Message): Promise<HttpAnswer> {
  const inputs: Record<string, Record<string, Input>> = {};
  for (const { device, metric, timeMs, value } of await newestInputs(deviceId, askedInputs(message).node ?? null)) {
    const node = (inputs[device] ??= {});
    node[metric] = { time: Math.floor(timeMs / 1000), value };
  }
  return inputsAnswer(message, inputs);
}
