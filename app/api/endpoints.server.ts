import { publicUrl, readEnvironment } from "../../platform/env.ts";
import { endpointsAt } from "../device-setup/addresses.server.ts";
import { deviceParams, requiredDevice } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { Problem } from "./problem.server.ts";
import { z } from "./zod.server.ts";

const EndpointsSchema = z
  .object({
    httpUrl: z.string().openapi({
      description: "Readings go to `/api/v1/readings` below it, and to the paths that a device's own firmware calls",
    }),
    mqttHost: z.string(),
    mqttPort: z.number().int(),
    mqttTls: z.boolean().openapi({ description: "Connections are encrypted: mqtts" }),
    topicPrefix: z.string().openapi({
      description:
        "All its topics begin with this, behind a broker that lets each credential write there alone; else empty",
    }),
  })
  .openapi("Endpoints", { description: "Where a device sends its readings" });

export const endpointOperations = [
  operation({
    id: "getEndpoints",
    method: "GET",
    path: "/devices/{id}/endpoints",
    tag: "Devices",
    summary: "Where a device, or a gateway, is to send its readings",
    description: "With its credential, which `createDevice` and `rotateCredential` answer once.",
    permission: "site.read",
    params: deviceParams,
    response: EndpointsSchema,
    problems: [409],
    async handle({ organizationId, params: { id } }) {
      const { credential, gatewayId } = await requiredDevice(organizationId, id);
      if (!credential)
        throw new Problem(409, `A gateway speaks for it: it sends to the endpoints of the gateway, ${gatewayId}.`);
      const env = readEnvironment();
      return endpointsAt(publicUrl(env), env, credential.username);
    },
  }),
];
