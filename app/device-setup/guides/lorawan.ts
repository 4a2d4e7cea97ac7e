/** LoRaWAN network servers. */
import { form, type Guide } from "../guide.ts";
import { bridge } from "./bridge.ts";

const codec =
  "Readings come out of the device's payload formatter (codec): without one there are only bytes, and nothing is recorded.";
const meaning = "Fields appear by the names that the codec gives; say on the device's page what each of them measures.";

/** Sources: thethingsindustries.com docs, integrations/webhooks and integrations/mqtt; lorawan-stack-docs data formats. */
export const theThingsStack: Guide = {
  id: "the-things-stack",
  name: "The Things Stack",
  about: "LoRaWAN meters in The Things Network or Industries",
  words: "lorawan ttn tti tts v3 the things network webhook milesight dragino",
  kind: "gateway",
  steps: (values) => [
    {
      text: "In the console: your application → Webhooks → Add webhook → Custom webhook, with these values.",
      code: form({
        "Webhook ID": "energy",
        "Webhook format": "JSON",
        "Base URL": `${values.httpUrl}/ingest/tts`,
        "Additional header": `Authorization = Bearer ${values.token}`,
        "Enabled event types": "Uplink message (path left empty)",
      }),
    },
    {
      text: "Or, where it cannot reach this address, let a Mosquitto of yours fetch over MQTT and pass on (mosquitto.conf), with your application's own MQTT address, user name and API key in the first lines:",
      code: [
        "connection tts",
        "address eu1.cloud.thethings.network:8883",
        "bridge_capath /etc/ssl/certs",
        "remote_username my-application@ttn",
        "remote_password NNSXS.MY-API-KEY",
        "topic v3/+/devices/+/up in 0",
        "notifications false",
        "try_private false",
        "",
        bridge(values, ["v3/#"]),
      ].join("\n"),
    },
  ],
  notes: () => [
    codec,
    meaning,
    "The Things Network must reach the address from the Internet, and it does not repeat what failed for long.",
  ],
};

/** Sources: chirpstack.io docs, integrations/http and integrations/mqtt (json, qos); chirpstack v4 configuration. */
export const chirpstack: Guide = {
  id: "chirpstack",
  name: "ChirpStack",
  about: "LoRaWAN meters behind your own ChirpStack v4",
  words: "lorawan lora milesight dragino",
  kind: "gateway",
  steps: (values) => [
    {
      text: "Your application → Integrations → HTTP, with these values.",
      code: form({
        "Payload encoding": "JSON",
        "Event endpoint URL": `${values.httpUrl}/ingest/chirpstack`,
        Header: `Authorization = Bearer ${values.token}`,
      }),
    },
    {
      text: "Or let ChirpStack's own Mosquitto pass it on (mosquitto.conf); chirpstack.toml must say json=true and qos=1 under [integration.mqtt]:",
      code: bridge(values, ["application/+/device/+/event/#"]),
    },
  ],
  notes: () => [codec, meaning, "Each device appears here by its DevEUI."],
};
