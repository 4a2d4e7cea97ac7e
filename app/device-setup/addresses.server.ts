import type { Environment } from "../../platform/env.ts";

/** What devices are told to connect to: the configured public addresses, else where the browser found us. */
export function addressesFor(request: Request, env: Environment): { mqttHost: string; mqttPort: number; mqttTls: boolean; httpUrl: string } {
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? `${env.HOST}:${env.PORT}`;
  const httpUrl = env.PUBLIC_URL?.replace(/\/+$/, "") ?? `${new URL(request.url).protocol}//${host}`;
  const mqtt = env.MQTT_PUBLIC_URL ? new URL(env.MQTT_PUBLIC_URL) : null;
  const mqttTls = mqtt?.protocol === "mqtts:";
  return {
    httpUrl,
    mqttHost: mqtt?.hostname ?? new URL(httpUrl).hostname,
    mqttPort: Number(mqtt?.port) || (mqtt ? (mqttTls ? 8883 : 1883) : env.MQTT_PORT),
    mqttTls,
  };
}
