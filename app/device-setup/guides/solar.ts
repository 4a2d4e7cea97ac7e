/** Inverters, batteries and wallboxes, and the programs that read them. */
import { form, httpParts, plainHttpNote, shell, yaml, type Guide, type SetupValues } from "../guide.ts";
import { bridge, throughMosquitto } from "./bridge.ts";

/** Sources: tbnobody/OpenDTU include/Configuration.h (lengths), WebApi_mqtt.cpp; OpenDTU-docs mqtt_topics.md. */
export const opendtu: Guide = {
  id: "opendtu",
  name: "OpenDTU",
  about: "Hoymiles micro-inverters through OpenDTU",
  words: "hoymiles hm-800 hms hmt tsun solar inverter ondtu opendtu-onbattery",
  kind: "gateway",
  takes: { mqttHost: 128, username: 64, password: 64, topicPrefix: 26 },
  steps: ({ mqttHost, mqttPort, mqttTls, username, password, topicPrefix }) => [
    {
      text: "On its web page: Settings → MQTT, with these values, then Save.",
      code: form({
        "Enable MQTT": "on",
        Hostname: mqttHost,
        Port: mqttPort,
        Username: username,
        Password: password,
        "Base Topic": `${topicPrefix}solar/`,
        "Publish Interval": "5 seconds",
        "Clean Session": "off",
        "Retain Flag": "off",
        "Enable TLS": mqttTls ? "on" : "off",
      }),
    },
  ],
  notes: ({ mqttTls }) => [
    "The base topic ends with a slash and has at most 32 characters.",
    "Each inverter appears here by its serial number; the DTU's own totals as ac and dc.",
    "It sends at QoS 0. What is lost while the network is down, its yield counter makes up for.",
    ...(mqttTls ? ["Its CA certificate must be the one of the address: the built-in one is Let's Encrypt's."] : []),
  ],
};

/** Sources: lumapu/ahoy src/config/settings.h (lengths), manual/User_Manual.md. */
export const ahoydtu: Guide = {
  id: "ahoydtu",
  name: "AhoyDTU",
  about: "Hoymiles micro-inverters through AhoyDTU",
  words: "ahoy hoymiles hm-800 tsun solar inverter",
  kind: "gateway",
  takes: { mqttHost: 63, username: 64, password: 64, topicPrefix: 55 },
  steps: (values) => {
    const { mqttHost, mqttPort, username, password, topicPrefix } = values;
    if (values.mqttTls) {
      return [
        throughMosquitto(values, ["inverter/#"]),
        { text: "Then on its web page, Settings → MQTT: your Mosquitto as the broker, and the topic inverter." },
      ];
    }
    return [
      {
        text: "On its web page: Settings → MQTT, with these values, then Save and reboot.",
        code: form({
          "Broker / Server IP": mqttHost,
          Port: mqttPort,
          "Username (optional)": username,
          "Password (optional)": password,
          Topic: `${topicPrefix}inverter`,
          "Interval [s]": 10,
        }),
      },
    ];
  },
  notes: () => [
    "Old firmware takes server names of at most 31 characters: use the IP address there.",
    "It speaks no TLS and sends at QoS 0; its yield counter makes up for what is lost.",
    "Each inverter appears here by the name that it has in AhoyDTU.",
  ],
};

const portal = "c0619ab1f2d3";

function flashmqBridge({ mqttHost, mqttPort, mqttTls, username, password, topicPrefix }: SetupValues): string {
  return [
    "bridge {",
    `  address ${mqttHost}`,
    `  port ${mqttPort}`,
    `  tls ${mqttTls ? "on" : "off"}`,
    "  protocol_version mqtt3.1.1",
    "  bridge_protocol_bit false",
    "  clientid_prefix energy",
    `  remote_username ${username}`,
    `  remote_password ${password}`,
    ...(topicPrefix ? [`  remote_prefix ${topicPrefix}`] : []),
    "  publish N/#",
    "  subscribe R/#",
    "}",
  ].join("\n");
}

/**
 * Sources: victronenergy/dbus-flashmq README (keepalive) and src/state.cpp (without one it publishes nothing at all, not even its
 * heartbeat); victronenergy/venus-platform security_profiles.cpp (files of /run/flashmq); halfgaar/FlashMQ man flashmq.conf(5).
 */
export const victron: Guide = {
  id: "victron",
  name: "Victron",
  about: "GX devices with Venus OS: Cerbo, Venus GX, Ekrano, Raspberry Pi",
  words: "venus cerbo gx ekrano multiplus quattro mppt smartsolar ess battery bmv shunt vrm",
  kind: "gateway",
  steps: (values) => [
    {
      text: "On the GX: Settings → Services → MQTT on (in newer menus: Settings → Integrations → MQTT Access), reachable in the local network without encryption.",
    },
    {
      text: "Let a Mosquitto in your network (Home Assistant's, say) fetch and pass on (mosquitto.conf), with the GX's own address in the second line:",
      code: [
        "connection gx",
        "address venus.local:1883",
        "topic N/# in 1",
        "topic R/# out 1",
        "notifications false",
        "try_private false",
        "",
        bridge(values, ["N/#"], ["R/#"]),
      ].join("\n"),
    },
    {
      text: "A GX is silent until it is asked. We ask every 30 seconds once it is heard; this line in the crontab of that machine wakes it after a break, with your own VRM portal id in it (Settings → VRM online portal):",
      code: `* * * * * mosquitto_pub -h venus.local -t R/${portal}/keepalive -n`,
    },
    {
      text: "Or without another machine, as root on the GX, this as /data/conf/flashmq.d/energy.conf,",
      code: flashmqBridge(values),
    },
    {
      text: "and this as /data/rc.local, which survives updates; make it executable and restart the GX:",
      code: [
        "#!/bin/sh",
        "(while sleep 50; do",
        "  [ -e /run/flashmq/energy.conf ] ||",
        "    { ln -s /data/conf/flashmq.d/energy.conf /run/flashmq/ && killall -HUP flashmq; }",
        `  mosquitto_pub -t R/${portal}/keepalive -m '{"keepalive-options":["suppress-republish"]}'`,
        "done) &",
      ].join("\n"),
    },
    {
      text: "Or with Node-RED (Venus OS Large): an “mqtt in” for N/# of localhost into an “mqtt out” to the address and credential above, another pair for R/# the other way, and an inject node that sends an empty message to R/your portal id/keepalive every 30 seconds.",
    },
  ],
  notes: () => [
    "Each service of the GX (grid meter, inverter, battery, MPPT) appears here as a device of its own.",
    "Nothing is ever written to the GX: only R/… topics, which ask, go back to it.",
    "VRM is not needed, and is not disturbed.",
  ],
};

/**
 * Sources: Fronius 42,0410,2152 (push service: at most 10 jobs; server, port, upload file name, login); Solar API V1 42,0410,2012.
 */
export const fronius: Guide = {
  id: "fronius",
  name: "Fronius",
  about: "Inverters with a Datamanager (push service), GEN24 by a script",
  words: "symo primo datamanager gen24 tauro solar api push service inverter smart meter",
  kind: "gateway",
  steps: ({ httpUrl, token, username, password }) => {
    const { host, port } = httpParts(httpUrl);
    return [
      {
        text: "On the Datamanager's web page: Settings → Push Service. Add a job for each of the formats SolarAPI v1 CurrentData – Inverter, Meter and Powerflow, each with these values.",
        code: form({
          "Protocol type": "HTTP POST",
          Interval: "1 min",
          Server: host,
          Port: port,
          "Upload file name": `/ingest/fronius?apikey=${password}`,
          User: username,
          Password: password,
          Activated: "yes",
        }),
      },
      {
        text: "A GEN24 or Tauro has no push service. Switch its Solar API on (Communication → Solar API), and run this every minute on any machine in your network, with the inverter's own address in the second line:",
        code: [
          "#!/bin/sh",
          "FRONIUS=192.168.1.60",
          "for call in 'GetInverterRealtimeData.cgi?Scope=System' 'GetMeterRealtimeData.cgi?Scope=System' GetPowerFlowRealtimeData.fcgi; do",
          '  curl -sS "http://$FRONIUS/solar_api/v1/$call" |',
          `    curl -sS -H ${shell(`Authorization: Bearer ${token}`)} -H 'Content-Type: application/json' \\`,
          `      --data-binary @- ${shell(`${httpUrl}/ingest/fronius`)}`,
          "done",
        ].join("\n"),
      },
    ];
  },
  notes: ({ httpUrl }) => [
    "Each inverter and meter appears here as a device, and the power flow as site.",
    "At night an inverter sends no power: nothing is recorded then, not zero.",
    ...plainHttpNote(httpUrl, "The push service of older Datamanagers"),
  ],
};

/** Source: SolarEdge Monitoring Server API (site/…/overview, currentPowerFlow; 300 calls a day for each key and site). */
export const solaredge: Guide = {
  id: "solaredge",
  name: "SolarEdge",
  about: "What SolarEdge's monitoring knows, relayed by a script",
  words: "solar edge inverter monitoring api",
  kind: "device",
  steps: ({ httpUrl, token }) => [
    {
      text: "In the monitoring portal, Admin → Site Access → API Access gives the site id and an API key. Save this as solaredge.sh with both in it, and make it executable:",
      code: [
        "#!/bin/sh",
        "SITE=123456",
        "API_KEY=L4QVAW0LGW0VAWG0",
        "for call in overview currentPowerFlow; do",
        '  curl -sS "https://monitoringapi.solaredge.com/site/$SITE/$call?api_key=$API_KEY" |',
        `    curl -sS -H ${shell(`Authorization: Bearer ${token}`)} -H 'Content-Type: application/json' \\`,
        `      --data-binary @- ${shell(`${httpUrl}/ingest/solaredge`)}`,
        "done",
      ].join("\n"),
    },
    { text: "And a line in the crontab:", code: "*/15 * * * * /usr/local/bin/solaredge.sh" },
  ],
  notes: () => [
    "SolarEdge allows 300 calls a day: every 15 minutes is 192 of them.",
    "Its times have no zone: set the device's time zone in its settings, or the time of arrival counts.",
  ],
};

/** Sources: evcc.dist.yaml; evcc-io/docs mqtt-api.md; evcc server/mqtt.go, provider/mqtt/client.go (tls://). */
export const evcc: Guide = {
  id: "evcc",
  name: "evcc",
  about: "Charging, solar, battery and grid as evcc sees them",
  words: "wallbox charger ev car loadpoint",
  kind: "gateway",
  steps: (values) => {
    const { mqttHost, mqttPort, mqttTls, username, password, topicPrefix } = values;
    return [
      {
        text: "If evcc has no broker yet: Configuration → MQTT in its interface, or this in evcc.yaml, then restart it.",
        code: [
          "mqtt:",
          `  broker: ${yaml(`${mqttTls ? "tls://" : ""}${mqttHost}:${mqttPort}`)}`,
          `  topic: ${yaml(`${topicPrefix}evcc`)}`,
          `  user: ${yaml(username)}`,
          `  password: ${yaml(password)}`,
        ].join("\n"),
      },
      {
        text: "If it has one, leave it there and let that Mosquitto pass it on (mosquitto.conf):",
        code: bridge(values, ["evcc/#"]),
      },
    ];
  },
  notes: ({ mqttTls }) => [
    "The site and each loadpoint appear here as devices of their own.",
    "Its battery power is positive when discharging; that is turned round here, where charging is positive.",
    ...(mqttTls ? ["It checks the certificate of the address; add insecure: true for one of your own."] : []),
  ],
};
