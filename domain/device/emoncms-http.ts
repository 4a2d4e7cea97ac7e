/**
 * The input API of emoncms: /input/post, /input/bulk and the question /input/get, as emonHub, IoTaWatt and EmonESP use it.
 * Every error but a bad key is HTTP 200 with {"success": false, …}; success is `ok`, which emonHub and IoTaWatt insist on:
 * they repeat all else for ever. So what is bad in part is acknowledged, and reported as refusals. Values have no unit.
 * Worked: /input/bulk?time=1741944420&data=[[10,"wp",120,null,3.5]] is wp/1 = 120 and wp/3 = 3.5 at 1741944430.
 * Sources: emoncms/emoncms Modules/input/*, index.php, param.php; emonhub EmonHubEmoncmsHTTPInterfacer.py; IoTaWatt
 * Emoncms_uploader.cpp; EmonESP emoncms.cpp.
 */
import type { Decoded, Decoder, HttpAnswer, Message } from "./device.ts";
import { readBulk } from "./emoncms-bulk.ts";
import { inputsAnswer } from "./emoncms-inputs.ts";
import { isEncrypted, parametersOf, routeOf } from "./emoncms-request.ts";
import type { Parameters } from "./emoncms-request.ts";
import { readPost } from "./emoncms-post.ts";

export const emoncmsHttp: Decoder = {
  format: "emoncms-http",
  priority: 100,
  match: ({ transport, path }) => transport === "http" && routeOf(path) !== undefined,
  decode,
  unauthorized,
  failure: (_message, status, sentence) => ({
    // A body that can never be read is an error like any other; "too large" and "later" are for those who know HTTP.
    ...failed(sentence).response,
    status: status === 400 || status === 415 ? 200 : status,
  }),
};

function decode(message: Message): Decoded {
  const route = routeOf(message.path);
  if (route?.action === "get") return { readings: [], response: inputsAnswer(message, {}) };
  const parameters = parametersOf(message);
  const read = route?.action === "bulk" ? readBulk(parameters, message) : readPost(parameters, message, route?.node);
  if (typeof read === "string") return failed(read);
  return { ...read, response: accepted(message, parameters) };
}

function accepted({ receipt }: Message, parameters: Parameters): HttpAnswer {
  return text(200, receipt ?? (parameters.has("fulljson") ? '{"success": true}' : "ok"));
}

function failed(error: string): Decoded & { response: HttpAnswer } {
  const body = `{"success": false, "message": "${error.replaceAll('"', "'")}"}`;
  return { readings: [], error, response: text(200, body) };
}

function unauthorized(message: Message): HttpAnswer {
  if (isEncrypted(message)) return text(200, "User not found");
  const parameters = parametersOf(message);
  const isDeviceKey = parameters.has("devicekey") && !parameters.has("apikey");
  const [realm, code, sentence] = isDeviceKey
    ? ["Device KEY", "invalid_devicekey", "Invalid device key"]
    : ["API KEY", "invalid_apikey", "Invalid API key"];
  const challenge = `Bearer realm="${realm}", error="${code}", error_description="${sentence}"`;
  return text(401, sentence, { "www-authenticate": challenge });
}

function text(status: number, body: string, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: { "content-type": "text/plain", ...headers }, body };
}
