import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why tests that need certificates cannot run here; null: they can. */
export const noOpenssl = spawnSync("openssl", ["version"], { stdio: "ignore" }).error
  ? "openssl is not installed"
  : null;

/** An authority of its own, and the certificates that it signs for 127.0.0.1. */
export interface TestCertificates {
  folder: string;
  /** The authority's certificate. */
  ca: string;
  /** Files that hold the certificate and key of now. */
  cert: string;
  key: string;
  /** Puts a new certificate and key in their place; answers its serial number. */
  renew(): string;
  remove(): void;
}

export function makeCertificates(): TestCertificates {
  const folder = mkdtempSync(join(tmpdir(), "energy-certificates-"));
  const at = (name: string) => join(folder, name);
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
    "-subj",
    "/CN=Test authority",
    "-days",
    "3650",
  );
  writeFileSync(at("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  let issued = 0;

  function renew(): string {
    const serial = String(++issued);
    openssl("req", ...newKey, "-keyout", at("next.key"), "-out", at("request"), "-subj", "/CN=localhost");
    const signer = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-set_serial", serial, "-extfile", at("names")];
    openssl("x509", "-req", "-in", at("request"), ...signer, "-days", "365", "-out", at("next.pem"));
    copyFileSync(at("next.pem"), at("cert.pem"));
    copyFileSync(at("next.key"), at("key.pem"));
    return serial.padStart(2, "0");
  }

  renew();
  const remove = () => rmSync(folder, { recursive: true });
  return { folder, ca: at("ca.pem"), cert: at("cert.pem"), key: at("key.pem"), renew, remove };
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
}
