import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { decodeAll, post, sample, values } from "../../../tests/support/sent-by-devices.ts";
import { guideOf } from "../guides.ts";

/** Runs a guide's part in a shell where `name` prints its arguments (one a line) and its input instead of sending. */
function run(id: string, part: number, { name = "curl", input = "", given = values } = {}): string[] {
  const script = guideOf(id)!.steps(given)[part]!.code!;
  const stub = `${name}() { printf '%s\\n' "$@"; [ "$#" -gt 0 ] && case "$*" in *@-*) cat ;; esac; }`;
  return execFileSync("sh", ["-c", `${stub}\n${script}`], { input, encoding: "latin1" }).split("\n");
}

const after = (args: readonly string[], option: string) => args[args.indexOf(option) + 1]!;

describe("commands, run in a shell", () => {
  const hostile = { ...values, deviceName: 'Bob\'s $(touch /tmp/x); `id` "%s" \\\n#' };

  test.each([values, hostile])("curl: both ways are understood", (given) => {
    const asJson = run("curl", 0, { given });
    expect(asJson).toContain(`Authorization: Bearer ${values.token}`);
    expect(asJson[0]).toBe("http://energy.example.org:3000/api/v1/readings");
    expect(decodeAll("curl", [post("/api/v1/readings", after(asJson, "-d"))])).toHaveLength(2);
    const asLine = run("curl", 1, { given });
    const { pathname, search } = new URL(asLine[0]!);
    expect(decodeAll("curl", [post(pathname, after(asLine, "--data-binary"), search.slice(1))])).toHaveLength(2);
  });

  test.each([values, hostile])("mosquitto_pub: at QoS 1, and understood", (given) => {
    const args = run("mosquitto", 0, { name: "mosquitto_pub", given });
    expect(after(args, "-q")).toBe("1");
    expect(after(args, "-P")).toBe(values.password);
    const sent = { topic: after(args, "-t"), payload: after(args, "-m") };
    expect(sent.topic).toMatch(/^energy\/[a-z0-9_]+$/);
    expect(decodeAll("mosquitto", [sent])).toHaveLength(2);
  });

  test("a P1 port is read from the next whole telegram on, byte for byte", () => {
    const { payload } = sample("dsmr-p1/dsmr5-three-phase-export")[0]!;
    const sent = run("p1", 0, { input: `half a line)\r\n!AB12\r\n${payload}` }).join("\n");
    const [, posted, ...more] = sent.split(/^(?:.*\n){5}.*\/ingest\/p1\n/m);
    expect(more).toEqual([]);
    expect(posted).toBe(payload);
    expect(decodeAll("p1", [post("/ingest/p1", posted!)]).length).toBeGreaterThan(5);
  });

  test("a Shelly Gen1 is told all its settings in one call", () => {
    const args = run("shelly-gen1", 0);
    expect(args).toContain("http://192.168.1.50/settings");
    expect(args).toContain(`mqtt_pass=${values.password}`);
    expect(args).toContain("mqtt_server=energy.example.org:1883");
    expect(args).toContain("http://192.168.1.50/reboot");
  });

  test("a Shelly is told its settings in JSON, then to restart", () => {
    const args = run("shelly", 0);
    const config = { enable: true, server: "energy.example.org:1883", user: values.username, pass: values.password };
    const both = { ssl_ca: null, rpc_ntf: true, status_ntf: true };
    const call = { id: 1, method: "Mqtt.SetConfig", params: { config: { ...config, ...both } } };
    expect(JSON.parse(after(args, "-d"))).toEqual(call);
    expect(args).toContain('{"id":2,"method":"Shelly.Reboot"}');
  });

  test("a GEN24 is asked three things, and each answer is passed on", () => {
    const args = run("fronius", 1);
    expect(args.filter((arg) => arg.endsWith("/ingest/fronius"))).toHaveLength(3);
    expect(args).toContain("http://192.168.1.60/solar_api/v1/GetMeterRealtimeData.cgi?Scope=System");
  });

  test("SolarEdge is asked for the overview and the power flow", () => {
    const args = run("solaredge", 0).join("\n");
    expect(args).toContain("/site/123456/overview?api_key=");
    expect(args).toContain("/site/123456/currentPowerFlow?api_key=");
    expect(args).toContain("energy.example.org:3000/ingest/solaredge");
  });

  test.each(["victron", "thingsboard", "green-button", "the-things-stack"])("%s: the shell can read it", (id) => {
    const parts = guideOf(id)!.steps(values).filter(({ code }) => /^(#!\/bin\/sh|curl )/.test(code ?? "")); // prettier-ignore
    for (const { code } of parts) expect(() => execFileSync("sh", ["-n"], { input: code! })).not.toThrow();
  });
});
