import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../cli/engines/cluster-state.ts";
import { createTlsServer } from "../../ingest/mqtt/tls.ts";
import { makeCertificates, noOpenssl, type TestCertificates } from "../support/certificates.ts";
import { connectMqtt, publish, until } from "../support/clients.ts";
import { startTestIngest, storedOf, type TestIngest } from "../support/ingest.ts";
import { noMosquitto, startMosquitto } from "../support/mosquitto.ts";

const startS = 1_770_000_000;

describe.skipIf(noOpenssl)(`MQTT over TLS${noOpenssl ? ` (${noOpenssl})` : ""}`, () => {
  let certificates: TestCertificates;
  beforeAll(() => void (certificates = makeCertificates()));
  afterAll(() => certificates.remove());

  /** The serial number of the certificate that a port shows. */
  function serialOf(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, ca: readFileSync(certificates.ca) }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.on("error", reject);
    });
  }

  describe("of the embedded broker", () => {
    let t: TestIngest;
    let port: number;

    beforeAll(async () => {
      port = await freePort();
      const { cert, key } = certificates;
      t = await startTestIngest({ MQTT_TLS_PORT: String(port), MQTT_TLS_CERT: cert, MQTT_TLS_KEY: key });
    });
    afterAll(() => t.stop());

    it("stores what is published, and takes a renewed certificate while connections go on", async () => {
      const device = await t.newDevice(await t.newTenant());
      const ca = readFileSync(certificates.ca);
      const before = await serialOf(port);
      const client = await connectMqtt(`mqtts://127.0.0.1:${port}`, device, { ca });
      await publish(client, "energy/m", { time: startS, power: 1 });
      const after = certificates.renew();
      expect(after).not.toBe(before);
      await until(async () => expect(await serialOf(port)).toBe(after));
      await publish(client, "energy/m", { time: startS + 1, power: 2 });
      expect((await storedOf(t, device)).map((r) => r.value)).toEqual([1, 2]);
      await client.endAsync();
    });

    it.each([
      ["no certificate at all", "not a certificate"],
      ["one without its key", null],
    ])("keeps the certificate that it has when the new one is %s, and says so", async (_what, content) => {
      const before = await serialOf(port);
      const said = () => t.warnings.filter((line) => line.includes("the old one stays")).length;
      const saidBefore = said();
      const key = readFileSync(certificates.key);
      certificates.renew();
      if (content) writeFileSync(certificates.cert, content);
      else writeFileSync(certificates.key, key);
      await until(() => expect(said()).toBeGreaterThan(saidBefore));
      expect(await serialOf(port)).toBe(before);
      const good = certificates.renew();
      await until(async () => expect(await serialOf(port)).toBe(good));
    });

    it("does not start without a certificate that can be used, and names the variables", () => {
      const keyFile = join(certificates.folder, "missing.pem");
      const options = { certFile: certificates.cert, keyFile, accept: () => {}, log: pino({ level: "silent" }) };
      expect(() => createTlsServer(options)).toThrow(/MQTT_TLS_CERT and MQTT_TLS_KEY cannot be used: .*missing\.pem/);
    });
  });

  it.skipIf(noMosquitto)("of an external broker: MQTT_CA is trusted, and read again when it is replaced", async () => {
    const others = makeCertificates();
    const ca = join(certificates.folder, "trusted.pem");
    copyFileSync(others.ca, ca);
    const mosquitto = await startMosquitto({ tls: certificates });
    const t = await startTestIngest({ MQTT_URL: mosquitto.url, MQTT_CA: ca });
    await until(() => expect(t.warnings.join()).toMatch(/unable to verify|self.signed|certificate/i));
    expect(mosquitto.log()).not.toContain("as energy-ingest");
    copyFileSync(certificates.ca, ca);
    const device = await t.newDevice(await t.newTenant());
    await until(() => expect(mosquitto.dynamicSecurity()).toContain(`"${device.username}"`), 20_000);
    const client = await connectMqtt(`mqtts://127.0.0.1:${mosquitto.port}`, device, { ca: readFileSync(ca) });
    await publish(client, `t/${device.username}/energy/m`, { time: startS, power: 3 });
    await until(async () => expect(await storedOf(t, device)).toHaveLength(1));
    await client.endAsync();
    await t.stop();
    await mosquitto.stop();
    others.remove();
  });
});
