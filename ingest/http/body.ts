import type { IncomingMessage } from "node:http";

/** What a sender did wrong, with the status that says so. */
export class BadRequest extends Error {
  readonly status: 400 | 413;
  /** The device of its sender, where that was known. */
  deviceId: string | null = null;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The body as it came over the wire, compressed or not. Read here and not by express, whose reader refuses every
 * content-encoding that it is told not to undo.
 * @throws BadRequest 413 when it is (or says that it will be) larger than `limit`: what is left of it is read and thrown away;
 *   400 when it ends too early.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const refuse = () => {
      request.off("data", take).resume();
      reject(new BadRequest(413, `the body is larger than ${limit} bytes; send smaller batches`));
    };
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) refuse();
      else chunks.push(chunk);
    };
    if (Number(request.headers["content-length"] ?? 0) > limit) return refuse();
    request.on("data", take);
    request.once("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)));
    request.once("error", reject);
    const gone = () => reject(new BadRequest(400, "the body ended too early"));
    request.once("close", gone);
    if (request.destroyed) gone();
  });
}
