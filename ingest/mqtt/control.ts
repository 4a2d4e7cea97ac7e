import type { MqttClient } from "mqtt";
import { clientFor, endClient, type BrokerAddress } from "./address.ts";

/** Mosquitto's control topics of the dynamic-security plugin (mosquitto.org/documentation/dynamic-security). */
const requestTopic = "$CONTROL/dynamic-security/v1";
const responseTopic = `${requestTopic}/response`;
const timeoutMs = 30_000;
const silent = "it does not answer dynamic-security commands: is the plugin loaded, and is MQTT_URL's user its admin?";
/** Commands of one message: the broker does nothing else until it has done them. */
const batch = 100;

export interface Acl {
  acltype: string;
  topic: string;
  allow: boolean;
  priority?: number;
}

export interface Command {
  command: string;
  username?: string;
  rolename?: string;
  [field: string]: unknown;
}

interface Response {
  command: string;
  error?: string;
  data?: unknown;
}

/** What a command was answered, if not well. */
export interface Refused {
  command: Command;
  error: string;
}

/** A conversation with the plugin, on a connection of its own. */
export class Control {
  #client: MqttClient;
  /** Rejects when the connection ends. */
  #ended: Promise<never>;
  #answer: ((responses: Response[]) => void) | null = null;

  private constructor(client: MqttClient) {
    this.#client = client;
    this.#ended = new Promise((_resolve, reject) => {
      client.on("error", reject);
      client.once("close", () => reject(new Error("the broker closed the connection")));
    });
    this.#ended.catch(() => {});
    client.on("message", (_topic, payload) => {
      this.#answer?.((JSON.parse(payload.toString()) as { responses: Response[] }).responses);
    });
  }

  /** @throws when the broker cannot be reached, or refuses the login or reading the plugin's answers. */
  static async open(address: BrokerAddress): Promise<Control> {
    const client = clientFor(address, { clean: true, reconnectPeriod: 0 });
    const control = new Control(client);
    const connected = new Promise<void>((resolve) => client.once("connect", () => resolve()));
    client.connect();
    try {
      await Promise.race([connected, control.#ended]);
      await client.subscribeAsync(responseTopic, { qos: 1 });
    } catch (error) {
      client.end(true);
      throw error;
    }
    return control;
  }

  get isOpen(): boolean {
    return this.#client.connected;
  }

  /** One question, whose data it answers. @throws with the plugin's words. */
  async ask<Data>(command: Command): Promise<Data> {
    const [response] = await this.#exchange([command]);
    if (!response || response.error) throw new Error(`${command.command}: ${response?.error ?? "no answer"}`);
    return response.data as Data;
  }

  /** Does all of them in order, whether or not one fails. Answers those that failed. */
  async run(commands: readonly Command[]): Promise<Refused[]> {
    const refused: Refused[] = [];
    for (let at = 0; at < commands.length; at += batch) {
      const part = commands.slice(at, at + batch);
      const responses = await this.#exchange(part);
      part.forEach((command, i) => {
        const error = responses.length === part.length ? responses[i]!.error : "no answer";
        if (error) refused.push({ command, error });
      });
    }
    return refused;
  }

  async close(): Promise<void> {
    await endClient(this.#client);
  }

  async #exchange(commands: readonly Command[]): Promise<Response[]> {
    const answered = new Promise<Response[]>((resolve) => (this.#answer = resolve));
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(silent)), timeoutMs);
    });
    try {
      const sent = this.#client.publishAsync(requestTopic, JSON.stringify({ commands }), { qos: 1 });
      return await Promise.race([sent.then(() => answered), silence, this.#ended]);
    } finally {
      clearTimeout(timer);
    }
  }
}
