import type { Environment } from "../../platform/env.ts";
import type { Endpoints } from "./guide.ts";

/** What a credential's devices are told to connect to: the configured public addresses, else where the browser found us. */
export function endpointsFor(request: Request, env: Environment, username: string): Endpoints {
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? `${env.HOST}:${env.PORT}`;
  return endpointsAt(env.PUBLIC_URL?.replace(/\/+$/, "") ?? `${new URL(request.url).protocol}//${host}`, env, username);
}

export function endpointsAt(httpUrl: string, env: Environment, username: string): Endpoints {
  const mqtt = env.MQTT_PUBLIC_URL ? new URL(env.MQTT_PUBLIC_URL) : null;
  const mqttTls = mqtt?.protocol === "mqtts:";
  return {
    httpUrl,
    mqttHost: mqtt?.hostname ?? new URL(httpUrl).hostname,
    mqttPort: Number(mqtt?.port) || (mqtt ? (mqttTls ? 8883 : 1883) : env.MQTT_PORT),
    mqttTls,
    // An external broker lets each credential write below its own prefix only.
    topicPrefix: env.MQTT_URL ? `t/${username}/` : "",
  };
}
