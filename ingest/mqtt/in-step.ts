import { brokerCredentials, inTurnAtTheBroker, type BrokerCredential } from "../../db/broker-credentials.ts";
import { openPassword } from "../../db/credentials.ts";
import type { Log } from "../../platform/log.ts";
import { counter, gauge } from "../../platform/metrics.ts";
import type { Receive } from "../receive.ts";
import type { BrokerAddress } from "./address.ts";
import { Control, type Acl, type Refused } from "./control.ts";
import { differences, ingestDifferences, type Found, type FoundClient } from "./dynamic-security.ts";

/** Changes that come together are made together. */
const gatherMs = 100;
/** The net under it: drift that nobody told of. */
const everyMs = 10 * 60_000;
/** Devices wait for it where the broker has just started. */
const retryMs = { first: 1_000, longest: 10_000 };

const failures = counter(
  "mqtt_broker_sync_failures_total",
  "Times the broker could not be told of the devices' credentials",
);

export interface InStepOptions {
  address: BrokerAddress;
  receive: Receive;
  /**
   * Whether what devices publish comes to this process. A broker that has just started acknowledges it also where nobody has
   * subscribed yet, and then it is lost: so no device is let in before that.
   */
  isReading: () => boolean;
  log: Log;
}

/**
 * Keeps the credentials of an external Mosquitto in step with the database: at the start, whenever a credential changes,
 * whenever the broker comes back, and now and then. Compares all of them each time, so that a lost notification or a change
 * by another hand is mended.
 */
export class InStep {
  #options: InStepOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #failed = 0;
  #missing = 0;
  #told = new Set<string>();

  constructor(options: InStepOptions) {
    this.#options = options;
    gauge(
      "mqtt_broker_credentials_missing",
      "Credentials that the external broker could not be told of",
      () => this.#missing,
    );
  }

  /** Something changed, or may have. */
  changed(): void {
    this.#schedule(gatherMs);
  }

  async close(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(afterMs: number): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#run().then((nextMs) => {
        this.#running = null;
        this.#schedule(this.#again ? gatherMs : nextMs);
      });
    }, afterMs);
  }

  /** Never rejects; answers when to look again. */
  async #run(): Promise<number> {
    this.#again = false;
    const { log } = this.#options;
    try {
      await inTurnAtTheBroker(() => this.#bringInStep());
      if (this.#failed) log.info("the MQTT broker's credentials are in step again");
      this.#failed = 0;
      return everyMs;
    } catch (error) {
      failures.inc();
      const reason = (error as Error).message;
      log.error({ reason }, "the MQTT broker's credentials are not in step with the database; trying again");
      return Math.min(retryMs.longest, retryMs.first * 2 ** this.#failed++);
    }
  }

  /**
   * On one connection, which ends with the broker: were it looked at on one and told on another, it could have started anew between
   * the two. One that has just started does not know what the ingest may do, and ends the ingest's connections when it is told.
   */
  async #bringInStep(): Promise<void> {
    const { address, log, isReading } = this.#options;
    const control = await Control.open(address);
    try {
      const found = await find(control);
      if (!(await this.#admitIngest(control, found))) return;
      if (!isReading()) return;
      const wanted = await brokerCredentials();
      const { commands, unreadable } = differences(wanted, found, openPassword);
      const refused = await control.run(commands);
      const done = { commands: commands.length, refused: refused.length };
      if (commands.length) log.info(done, "told the MQTT broker what changed");
      this.#report(wanted, unreadable, refused);
      throwIfRefused(refused);
    } finally {
      await control.close();
    }
  }

  /** Answers whether the connection goes on. */
  async #admitIngest(control: Control, found: Found): Promise<boolean> {
    const commands = ingestDifferences(found, this.#options.address.username ?? "");
    try {
      throwIfRefused(await control.run(commands));
      return true;
    } catch (error) {
      if (control.isOpen) throw error;
      // It is done, although the connection ended before the answer: the rest on the next one.
      this.#again = true;
      return false;
    }
  }

  // On the page of each device concerned, once for each start of the process.
  #report(wanted: BrokerCredential[], unreadable: BrokerCredential[], refused: readonly Refused[]): void {
    const unreadableDetail = "its password cannot be read any more (APP_SECRET was changed, or it is too old)";
    const faults = new Map(unreadable.map((credential) => [credential, unreadableDetail]));
    const errors = new Map(refused.map(({ command, error }) => [command.username, error]));
    for (const credential of wanted) {
      const error = errors.get(credential.username);
      if (error) faults.set(credential, `the broker answered: ${error}`);
    }
    this.#missing = faults.size;
    if (unreadable.length)
      this.#options.log.error(
        { credentials: unreadable.length },
        `credentials are not on the MQTT broker: ${unreadableDetail}`,
      );
    for (const [{ credentialId, deviceId, username }, detail] of faults) {
      if (this.#told.has(credentialId)) continue;
      this.#told.add(credentialId);
      const heard = { deviceId, transport: "mqtt" as const, address: `t/${username}/`, payload: new Uint8Array() };
      this.#options.receive.refuse({ ...heard, receivedAtMs: Date.now() }, { reason: "not-on-broker", detail });
    }
  }
}

function throwIfRefused([first]: readonly Refused[]): void {
  if (first) throw new Error(`${first.command.command}: ${first.error}`);
}

async function find(control: Control): Promise<Found> {
  const [{ clients }, { roles }, { acls }] = [
    await control.ask<{ clients: FoundClient[] }>({ command: "listClients", verbose: true }),
    await control.ask<{ roles: { rolename: string; acls: Acl[] }[] }>({ command: "listRoles", verbose: true }),
    await control.ask<{ acls: Found["defaults"] }>({ command: "getDefaultACLAccess" }),
  ];
  return { clients, roles, defaults: acls };
}
