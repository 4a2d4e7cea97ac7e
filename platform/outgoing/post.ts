import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "./public-address.ts";
import { addressesOf, type Resolve } from "./resolve.ts";
import type { Target } from "./target.ts";

/**
 * Sends a message to an address that a person named, so that nothing inside the installation's network can be reached by it
 * (server-side request forgery). The name is resolved once, every address that it has must be public, and the connection goes to those
 * addresses and no other: a name server that answers otherwise a moment later is not asked. TLS is verified for the name. Redirects are
 * not followed, proxies of the environment not used, nothing is unpacked, and the answer is bounded in time and size.
 */
export interface Limits {
  /** From the question to the name server until the last byte of the answer. */
  totalMs: number;
  /** Of the answer's body; what is longer is cut. */
  answerBytes: number;
}

export const limits: Limits = { totalMs: 10_000, answerBytes: 65_536 };

/** So much of the answer is kept, as text, for people to see what is wrong. */
export const keptBytes = 1_024;

export type PostFault =
  /** The name has no address. */
  | "no-such-host"
  /** It has one that is not public. */
  | "private-address"
  | "no-connection"
  | "not-trusted"
  | "not-http"
  | "too-slow";

export type PostOutcome =
  { ok: true; status: number; text: string; retryAfterS: number | null } | { ok: false; reason: PostFault };

interface Message {
  headers: Record<string, string>;
  body: string;
}

export interface PostOptions {
  limits?: Limits;
  /** Instead of the name servers. */
  resolve?: Resolve;
  /** Authorities to trust instead of the system's, PEM. */
  ca?: string;
}

/** Posts once. What goes wrong on the way is an outcome, not an exception. */
export async function post(target: Target, message: Message, options: PostOptions = {}): Promise<PostOutcome> {
  const { totalMs } = options.limits ?? limits;
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), totalMs);
  const over = new Promise<PostOutcome>((settle) =>
    timer.signal.addEventListener("abort", () => settle({ ok: false, reason: "too-slow" }), { once: true }),
  );
  try {
    return await Promise.race([send(target, message, { ...options, signal: timer.signal }), over]);
  } finally {
    clearTimeout(timeout);
    timer.abort();
  }
}

type Sending = PostOptions & { signal: AbortSignal };

async function send(target: Target, message: Message, sending: Sending): Promise<PostOutcome> {
  const addresses = await addressesOf(target, sending.signal, sending.resolve).catch(() => []);
  if (!addresses.length) return { ok: false, reason: "no-such-host" };
  // One that is not public is enough: a name that has both is no mistake.
  if (!target.isAllowed && !addresses.every(isPublicAddress)) return { ok: false, reason: "private-address" };
  if (sending.signal.aborted) return { ok: false, reason: "too-slow" };
  return exchange(target, addresses, message, sending);
}

/** Node asks this instead of a name server, whenever it connects. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all }, callback) =>
    all ? callback(null, entries) : callback(null, entries[0]!.address, entries[0]!.family);
}

function exchange(
  { url }: Target,
  addresses: readonly string[],
  { headers, body }: Message,
  { signal, ca, limits: { answerBytes } = limits }: Sending,
): Promise<PostOutcome> {
  return new Promise((settle) => {
    const request = (url.protocol === "https:" ? https : http).request(url, {
      method: "POST",
      // A connection of its own: none is kept that a later message, checked otherwise, might go over. Nor does it know a proxy.
      agent: false,
      lookup: pinnedTo(addresses),
      signal,
      headers: { ...headers, "accept-encoding": "identity", "content-length": Buffer.byteLength(body) },
      maxHeaderSize: 16_384,
      insecureHTTPParser: false,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ...(ca !== undefined && { ca }),
    });
    const fail = (error: Error) => settle({ ok: false, reason: faultOf(error) });
    request.on("error", fail);
    request.on("response", (answer) => {
      const { statusCode: status = 0, headers: said } = answer;
      const kept: Buffer[] = [];
      let bytes = 0;
      const done = () => {
        const isPacked = (said["content-encoding"] ?? "identity") !== "identity";
        const text = isPacked ? "" : textOf(Buffer.concat(kept));
        settle({ ok: true, status, text, retryAfterS: secondsIn(said["retry-after"]) });
      };
      answer.on("data", (chunk: Buffer) => {
        if (bytes < keptBytes) kept.push(chunk.subarray(0, keptBytes - bytes));
        bytes += chunk.length;
        if (bytes <= answerBytes) return;
        done();
        request.destroy();
      });
      answer.on("end", done);
      answer.on("error", fail);
    });
    request.end(body);
  });
}

/** The beginning of an answer as people may see it: no control characters, which a terminal or a database would take amiss. */
const textOf = (bytes: Buffer) => bytes.toString("utf8").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");

const secondsIn = (header: string | undefined) => (header && /^\d{1,6}$/.test(header) ? Number(header) : null);

function faultOf(error: Error): PostFault {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code.startsWith("HPE_")) return "not-http";
  return /CERT|TLS|SSL|VERIFY|SIGNATURE|EPROTO/.test(code) ? "not-trusted" : "no-connection";
}
