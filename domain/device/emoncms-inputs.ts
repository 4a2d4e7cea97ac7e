/** /input/get: what emoncms has of a node. IoTaWatt asks before it sends, and goes on after the largest `"time":` it reads. */
import type { HttpAnswer, Message } from "./device.ts";
import { routeOf } from "./emoncms-request.ts";
import { cleanName } from "./emoncms-values.ts";

/** The newest value of an input; unix seconds. */
export interface Input {
  time: number;
  value: number;
}

/** Inputs by node and name. */
export type Inputs = Readonly<Record<string, Readonly<Record<string, Input>>>>;

/** The node and the name that are asked for, of the path or the query; undefined: all. */
export function askedInputs({ path, query }: Message): { node?: string; name?: string } {
  const parameters = new URLSearchParams(query ?? "");
  const route = routeOf(path);
  const node = route?.node ?? parameters.get("node");
  const name = route?.name ?? parameters.get("name");
  return { ...(node === null ? {} : { node: cleanName(node) }), ...(name === null ? {} : { name: cleanName(name) }) };
}

/** The answer as emoncms words it: JSON, also where there is nothing, always 200. */
export function inputsAnswer(message: Message, inputs: Inputs): HttpAnswer {
  const { node, name } = askedInputs(message);
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(found(inputs, node, name)),
  };
}

function found(inputs: Inputs, node: string | undefined, name: string | undefined): unknown {
  if (node === undefined) return inputs;
  if (!Object.hasOwn(inputs, node)) return "Node does not exist";
  const known = inputs[node]!;
  if (name === undefined) return known;
  return Object.hasOwn(known, name) ? known[name] : "Node variable does not exist";
}
