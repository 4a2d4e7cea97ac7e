import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface Answer {
  /** From the request to the last byte. */
  ms: number;
  body: Buffer;
}

/** Asks one thing after the other over one connection, with an API key. */
export class Asker {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #headers: Record<string, string>;

  constructor(apiKey: string) {
    this.#headers = { authorization: `Bearer ${apiKey}` };
  }

  /** A GET, or with `sent` a POST of JSON. @throws where the answer is no success */
  ask(url: string, sent?: unknown): Promise<Answer> {
    const body = sent === undefined ? "" : JSON.stringify(sent);
    const headers = { ...this.#headers, ...(body && { "content-type": "application/json" }) };
    return new Promise((resolve, reject) => {
      const begun = performance.now();
      request(url, { agent: this.#agent, headers, method: body ? "POST" : "GET" }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("end", () => {
          const answer = Buffer.concat(chunks);
          if (String(response.statusCode).startsWith("2")) resolve({ ms: performance.now() - begun, body: answer });
          else reject(new Error(`${url}: ${response.statusCode} ${answer.toString()}`));
        });
      })
        .once("error", reject)
        .end(body);
    });
  }

  end(): void {
    this.#agent.destroy();
  }
}

/** The limit: the same bytes by a server that has them in its hand. */
export async function serveStill(body: Buffer): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
