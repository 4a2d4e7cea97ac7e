import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { RealServer } from "./real-server.ts";
import type { RouteIds } from "./route-access.ts";
import { paramsOf } from "./trespass.ts";

/** Requests as attackers write them: for tests/integration/attacks.test.ts and attacks-texts.test.ts. */

export interface Got {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}
export interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** By node:http, which sends paths and headers as they are written. */
export function sendTo(to: RealServer, path: string, { method = "GET", headers = {}, body }: Sent = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const all = { ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }), ...headers };
    const sent = httpRequest({ host: "127.0.0.1", port: to.port, path, method, headers: all }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
      response.on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}

/** The address of a route's file. */
export function pathOf(file: string, ids: RouteIds): string {
  const params = paramsOf(file, ids);
  const name = file
    .replace(/\.tsx?$/, "")
    .replaceAll("[.]", "\u0001")
    .replace(/\[(\w+)\]/g, "$1")
    .replace(/_(?=\.|$)/g, "");
  const parts = name.split(".").filter((part) => part !== "_index" && part !== "index" && part !== "");
  return `/${parts
    .map((part) => (part.startsWith("$") ? (params[part.slice(1)] ?? "sites") : part))
    .join("/")
    .replaceAll("\u0001", ".")}`;
}
