import type { Identity } from "../db/identities.ts";
import { findCredentialsById } from "../db/identities.ts";
import type { Message } from "../domain/device/device.ts";
import type { Log } from "../platform/log.ts";
import { counter } from "../platform/metrics.ts";
import type { Patience } from "./patience.ts";
import type { Late, Receive } from "./receive.ts";
import type { Spool, Spooled } from "./spool.ts";

const spooled = counter(
  "spooled_messages_total",
  "Messages at QoS 0 that went to the disk while the database was away",
);
const atOnce = 500;

/**
 * Messages at QoS 0: nobody sends them again, so while the database is away they go to the spool on disk, those that were on
 * their way to the database when it went among them. When it is back they take the one path, with the time of their arrival.
 */
export class AtMostOnce {
  #receive: Receive;
  #patience: Patience;
  #spool: Spool;
  #log: Log;
  #onTheirWay = new Map<object, { identity: Identity; message: Message; release: () => void }>();
  #replaying: Promise<void> = Promise.resolve();

  constructor(receive: Receive, patience: Patience, spool: Spool, log: Log) {
    this.#receive = receive;
    this.#patience = patience;
    this.#spool = spool;
    this.#log = log;
    patience.onChange((isDown) => {
      if (isDown) this.#saveAll();
      else void this.replay();
    });
  }

  /** Resolves when the message is stored or on the disk. */
  async take(identity: Identity, message: Message): Promise<void> {
    if (this.#patience.isDown) return this.#save(identity, message);
    const saved = new Promise<void>((release) => this.#onTheirWay.set(message, { identity, message, release }));
    const stored = this.#receive.message(identity, message).finally(() => this.#onTheirWay.delete(message));
    await Promise.race([stored, saved]);
  }

  /** Puts what was spooled on its path; called at the start, for what an earlier process left. */
  replay(): Promise<void> {
    this.#replaying = this.#replaying
      .then(() => this.#replayAll())
      .catch((error: Error) => {
        this.#log.warn({ reason: error.message }, "spooled messages could not be stored yet");
      });
    return this.#replaying;
  }

  async stop(): Promise<void> {
    await this.#spool.close();
  }

  // A message that waits in memory for the database would be lost with this process.
  #saveAll(): void {
    for (const [key, { identity, message, release }] of this.#onTheirWay) {
      this.#onTheirWay.delete(key);
      void this.#save(identity, message).then(release);
    }
  }

  async #save(identity: Identity, message: Message): Promise<void> {
    if (await this.#spool.append({ credentialId: identity.credentialId, message })) return spooled.inc();
    const { deviceId } = identity;
    const { topic, payload, receivedAtMs } = message;
    const heard = { deviceId, transport: message.transport, address: topic ?? "", payload, receivedAtMs };
    this.#receive.refuse(heard, { reason: "spool-full", detail: `a message of ${payload.length} bytes was not kept` });
  }

  async #replayAll(): Promise<void> {
    for (const path of await this.#spool.seal()) {
      const messages = await this.#spool.read(path).catch(() => null);
      if (!messages) {
        await this.#spool.setAside(path);
        continue;
      }
      await this.#store(messages);
      await this.#spool.remove(path);
      this.#log.info({ messages: messages.length }, "messages from the spool are stored");
    }
  }

  async #store(messages: readonly Spooled[]): Promise<void> {
    const late: Late = { arrivals: new Map() };
    for (let from = 0; from < messages.length; from += atOnce) {
      const some = messages.slice(from, from + atOnce);
      const ids = [...new Set(some.map(({ credentialId }) => credentialId))];
      const identities = await this.#patience.until(() => findCredentialsById(ids));
      const byId = new Map(identities.map(({ identity }) => [identity.credentialId, identity]));
      await Promise.all(
        some.map(async ({ credentialId, message }) => {
          const identity = byId.get(credentialId);
          if (identity) await this.#receive.message(identity, message, late);
        }),
      );
    }
  }
}
