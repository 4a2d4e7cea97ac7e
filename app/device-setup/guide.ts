/** What devices are told to connect to. */
export interface Endpoints {
  mqttHost: string;
  mqttPort: number;
  mqttTls: boolean;
  httpUrl: string;
  /** Behind an external broker, all topics of a credential begin with this ("t/d-abc/"); else empty. */
  topicPrefix: string;
}

export interface SetupValues extends Endpoints {
  deviceName: string;
  username: string;
  password: string;
  token: string;
}

/** What has to fit into a device's fields. */
export const fieldNames = {
  mqttHost: "a server name",
  username: "a user name",
  password: "a password",
  token: "a token",
  topicPrefix: "a topic",
};
export type FieldName = keyof typeof fieldNames;

/** One thing to do, with what to paste for it. */
export interface Step {
  text: string;
  code?: string;
  /** A page of the site that belongs to it. */
  link?: { name: string; path: string };
}

/**
 * How one kind of hardware or software is connected. Pure text: the steps with the real address and credential filled in.
 * QoS 1 wherever the sender can, since only then is a message sent again until it is stored.
 */
export interface Guide {
  id: string;
  name: string;
  /** What it is, for people who choose from a list. */
  about: string;
  /** Other words that people search it by: makes, programs, products. */
  words?: string;
  /** Whether it speaks for itself or for many devices. */
  kind: "device" | "gateway";
  /** What its decoder must know, where what it sends does not say it. */
  config?: Record<string, unknown>;
  /** How many characters its fields take, where that is known and not much. */
  takes?: Partial<Record<FieldName, number>>;
  steps(values: SetupValues): Step[];
  notes?(values: SetupValues): string[];
}

/** A name that is safe in a topic, a URL and a shell. */
export const topicName = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}+/gu, "")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 40) || "device";

/** A YAML text that stays one: without quotes, "1234e5" would be a number. */
export const yaml = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The same in a POSIX shell. */
export const shell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** What of the address or the credential is too long for the device, a sentence each. */
export const misfits = ({ name, takes = {} }: Guide, values: SetupValues): string[] =>
  Object.entries(takes as Record<FieldName, number>)
    .filter(([field, most]) => values[field as FieldName].length > most)
    .map(([field, most]) => {
      const { length } = values[field as FieldName];
      return `${name} takes ${fieldNames[field as FieldName]} of at most ${most} characters, and this one has ${length}.`;
    });

/** Host and port of an HTTP address, and whether it is encrypted. */
export function httpParts(httpUrl: string): { host: string; port: number; isHttps: boolean } {
  const { hostname, port, protocol } = new URL(httpUrl);
  const isHttps = protocol === "https:";
  return { host: hostname, port: Number(port) || (isHttps ? 443 : 80), isHttps };
}

/** Lines "name  value" for a form that is filled in by hand. */
export function form(values: Record<string, string | number>): string {
  const width = Math.max(...Object.keys(values).map((name) => name.length)) + 3;
  return Object.entries(values)
    .map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`)
    .join("\n");
}

/** For HTTP senders without TLS. */
export const plainHttpNote = (httpUrl: string, name: string): string[] =>
  new URL(httpUrl).protocol === "https:"
    ? [
        `${name} cannot send over HTTPS: it needs an address that answers over plain HTTP, such as one in your own network.`,
      ]
    : [];

/** Whether only programs of the same machine can reach an address. */
export const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);

/** What stands in the place of secrets that are not shown any more. */
export const forgotten = { password: "PASSWORD", token: "TOKEN" };
