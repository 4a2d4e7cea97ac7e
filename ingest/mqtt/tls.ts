import { X509Certificate } from "node:crypto";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { createSecureContext, createServer, type Server, type TLSSocket } from "node:tls";
import { SetupError } from "../../platform/env.ts";
import type { Log } from "../../platform/log.ts";
import { gauge } from "../../platform/metrics.ts";

/** The files are looked at so often; a renewal that writes one after the other is given a moment. */
const lookEveryMs = 1_000;
const settleMs = 200;

export interface TlsOptions {
  certFile: string;
  keyFile: string;
  accept: (socket: TLSSocket) => void;
  log: Log;
}

interface Pair {
  cert: Buffer;
  key: Buffer;
}

/**
 * A TLS server (not listening yet) whose certificate and key are taken up anew when their files change, links to them
 * included: connections that stand go on, new ones get the new certificate. A new pair that does not fit or cannot be read
 * is said in the log, and the old one stays.
 * @throws SetupError when the first pair is no good.
 */
export function createTlsServer({ certFile, keyFile, accept, log }: TlsOptions): Server {
  let pair = readAtStart();
  const server = createServer({ ...pair, minVersion: "TLSv1.2" }, (socket) => {
    socket.setNoDelay(true);
    accept(socket);
  });
  server.on("tlsClientError", (error) => log.debug({ reason: error.message }, "a TLS connection could not be made"));
  gauge("mqtt_tls_certificate_expires_seconds", "When the certificate of MQTT over TLS ends, in Unix time", () =>
    expiresS(pair.cert),
  );

  function readAtStart(): Pair {
    try {
      return read(certFile, keyFile);
    } catch (error) {
      throw new SetupError(`MQTT_TLS_CERT and MQTT_TLS_KEY cannot be used: ${(error as Error).message}.`);
    }
  }

  let settling: NodeJS.Timeout | undefined;
  const changed = () => {
    clearTimeout(settling);
    settling = setTimeout(reload, settleMs);
  };

  function reload(): void {
    try {
      const next = read(certFile, keyFile);
      if (next.cert.equals(pair.cert) && next.key.equals(pair.key)) return;
      server.setSecureContext({ ...next, minVersion: "TLSv1.2" });
      pair = next;
      const until = new Date(expiresS(pair.cert) * 1000).toISOString();
      log.info({ until }, "MQTT over TLS uses the new certificate");
    } catch (error) {
      const reason = (error as Error).message;
      log.error({ reason, certFile, keyFile }, "the new TLS certificate cannot be used; the old one stays");
    }
  }

  // Asking again and again also sees what a watcher of the file does not: a link above it that is changed.
  for (const file of [certFile, keyFile]) watchFile(file, { interval: lookEveryMs }, changed);
  server.on("close", () => {
    clearTimeout(settling);
    for (const file of [certFile, keyFile]) unwatchFile(file, changed);
  });
  return server;
}

/** @throws when a file cannot be read, is no PEM, or the key is not the certificate's. */
function read(certFile: string, keyFile: string): Pair {
  const pair = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  createSecureContext(pair);
  return pair;
}

const expiresS = (cert: Buffer) => Date.parse(new X509Certificate(cert).validTo) / 1000;
