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

/** One thing to do, with what to paste for it. */
export interface Step {
  text: string;
  code?: string;
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
  /** Whether it speaks for itself or for many devices. */
  kind: "device" | "gateway";
  /** What its decoder must know, where what it sends does not say it. */
  config?: Record<string, unknown>;
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

/** Whether only programs of the same machine can reach an address. */
export const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);

/** What stands in the place of secrets that are not shown any more. */
export const forgotten = { password: "PASSWORD", token: "TOKEN" };
