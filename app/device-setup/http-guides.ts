import { shell, topicName, yaml, type Guide } from "./guide.ts";

/** Sources: our own API; InfluxDB's /api/v2/write. */
export const curl: Guide = {
  id: "curl",
  name: "curl",
  about: "Scripts and programs that post over HTTP",
  kind: "device",
  steps: ({ httpUrl, token, deviceName }) => [
    {
      text: "JSON, in a terminal:",
      code: [
        `curl ${httpUrl}/api/v1/readings \\`,
        `  -H 'Authorization: Bearer ${token}' \\`,
        "  -H 'Content-Type: application/json' \\",
        `  -d ${shell('{"power": 421, "energy.import": 1234.5}')}`,
      ].join("\n"),
    },
    {
      text: "Or InfluxDB line protocol:",
      code: [
        `curl '${httpUrl}/api/v2/write?org=energy&bucket=energy&precision=s' \\`,
        `  -H 'Authorization: Token ${token}' \\`,
        `  --data-binary ${shell(`${topicName(deviceName)} power=421,energy=1234.5`)}`,
      ].join("\n"),
    },
  ],
  notes: () => [
    "Power is in W, energy a register in kWh. A reading without a time counts from its arrival.",
    "The answer comes when the readings are stored; on an error or a 5xx, send again.",
  ],
};

/** Source: influxdata/telegraf plugins/outputs/influxdb_v2. */
export const telegraf: Guide = {
  id: "telegraf",
  name: "Telegraf",
  about: "Telegraf with Modbus, SNMP, OPC UA or any other input",
  kind: "device",
  steps: ({ httpUrl, token }) => [
    {
      text: "Add this output to telegraf.conf and restart Telegraf.",
      code: [
        "[[outputs.influxdb_v2]]",
        `  urls = ["${httpUrl}"]`,
        `  token = "${token}"`,
        '  organization = "energy"',
        '  bucket = "energy"',
        '  content_encoding = "gzip"',
      ].join("\n"),
    },
  ],
  notes: () => [
    "Organization and bucket may be any words: the token says whose the readings are.",
    "Telegraf keeps what it could not send and sends it again.",
  ],
};

const entities = ["  include:", "    entity_globs:", "      - sensor.*_power", "      - sensor.*_energy"];

/** Sources: home-assistant.io/integrations/influxdb and home-assistant/core components/influxdb (dialog since 2026.3). */
export const homeAssistant: Guide = {
  id: "home-assistant",
  name: "Home Assistant",
  about: "What Home Assistant knows, through its InfluxDB integration",
  kind: "device",
  steps({ httpUrl, token }) {
    const { hostname, port, protocol } = new URL(httpUrl);
    const isHttps = protocol === "https:";
    return [
      {
        text: "First say what to send, in configuration.yaml, and restart Home Assistant. Name your own entities.",
        code: ["influxdb:", ...entities].join("\n"),
      },
      {
        text: "Then Settings → Devices & services → Add integration → InfluxDB → v2.x, with these values:",
        code: [
          `URL:           ${httpUrl}`,
          "Organization:  energy",
          "Bucket:        energy",
          `API token:     ${token}`,
          ...(isHttps ? ["Verify SSL certificate: yes"] : []),
        ].join("\n"),
      },
      {
        text: "Before Home Assistant 2026.3, all of it goes into configuration.yaml:",
        code: [
          "influxdb:",
          "  api_version: 2",
          `  ssl: ${isHttps}`,
          `  host: ${yaml(hostname)}`,
          `  port: ${port || (isHttps ? 443 : 80)}`,
          `  token: ${yaml(token)}`,
          "  organization: energy",
          "  bucket: energy",
          "  max_retries: 5",
          ...entities,
        ].join("\n"),
      },
    ];
  },
  notes: () => [
    "Home Assistant sends changes only: a value that stays the same is not sent again.",
    "Organization and bucket may be any words: the token says whose the readings are.",
  ],
};
