import { gunzip, inflate as inflateZlib, inflateRaw } from "node:zlib";
import { promisify } from "node:util";

/** InfluxDB's own limit for a body, inflated; a sender who meets it there splits its batches already. */
export const mostInflatedBytes = 25_000_000;

export type Inflated = { ok: true; bytes: Uint8Array } | { ok: false; status: 400 | 413 | 415; error: string };

const unzip = { gzip: promisify(gunzip), deflate: promisify(inflateZlib), raw: promisify(inflateRaw) };

/**
 * Undoes a content-encoding (gzip, x-gzip, deflate, identity). At most `limit` bytes come out: a bomb stops there, with
 * status 413; bytes that are not what the header says are 400, an encoding we do not know is 415.
 */
export async function inflate(
  bytes: Uint8Array,
  contentEncoding: string | undefined,
  limit: number = mostInflatedBytes,
): Promise<Inflated> {
  const encoding = (contentEncoding ?? "").trim().toLowerCase();
  if (encoding === "" || encoding === "identity") return bytes.length > limit ? tooLarge(limit) : { ok: true, bytes };
  if (encoding !== "gzip" && encoding !== "x-gzip" && encoding !== "deflate")
    return {
      ok: false,
      status: 415,
      error: `content-encoding "${encoding}" is not supported: send gzip, deflate or none`,
    };
  // An empty body under a content-encoding is an empty body: test writes are sent so.
  if (bytes.length === 0) return { ok: true, bytes };
  try {
    return { ok: true, bytes: await undo(bytes, encoding === "deflate" ? "deflate" : "gzip", limit) };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ERR_BUFFER_TOO_LARGE") return tooLarge(limit);
    return { ok: false, status: 400, error: `the body is not valid ${encoding}: ${(cause as Error).message}` };
  }
}

async function undo(bytes: Uint8Array, method: "gzip" | "deflate", limit: number): Promise<Uint8Array> {
  const options = { maxOutputLength: limit };
  if (method === "gzip") return unzip.gzip(bytes, options);
  try {
    return await unzip.deflate(bytes, options);
  } catch (cause) {
    // Some clients say deflate and send it without the zlib header.
    if ((cause as NodeJS.ErrnoException).code !== "Z_DATA_ERROR") throw cause;
    return unzip.raw(bytes, options);
  }
}

function tooLarge(limit: number): Inflated {
  return { ok: false, status: 413, error: `the message is larger than ${limit} bytes` };
}
